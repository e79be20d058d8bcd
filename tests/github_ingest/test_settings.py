"""What stops the start, in one line each, and how often is looked."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.github_ingest.settings import Settings
from shared.errors import BadInput
from shared.runtime.settings import read_settings
from tests.github_ingest.world import SECRET

PREFIX = "GATEFLEET_GITHUB_INGEST_"


def read(**given: str) -> Settings:
    """Settings from an environment of these alone."""
    return read_settings(Settings, {PREFIX + name.upper(): text for name, text in given.items()})


def refused(**given: str) -> str:
    with pytest.raises(BadInput) as caught:
        read(**given)
    return str(caught.value)


def test_webhooks_need_a_secret_and_the_line_says_how_to_do_without() -> None:
    said = refused(repository="octo/hello")
    assert said.startswith(f"{PREFIX}WEBHOOK_SECRET: ")
    assert f"{PREFIX}WEBHOOKS=false" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("name", ["webhook_secret", "webhook_secret_before"])
def test_a_short_secret_stops_the_start_and_is_not_told(name: str) -> None:
    short = "x" * 31
    said = refused(**{"repository": "octo/hello", "webhook_secret": SECRET, name: short})
    assert said.startswith(f"{PREFIX}{name.upper()}: ")
    assert short not in said


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    found = read(repository="octo/hello", webhook_secret_file=str(tmp_path / "secret"))
    assert found.secrets == (SECRET.encode(),)
    assert SECRET not in repr(found)


def test_unknown_missing_and_wrong_settings_are_named() -> None:
    assert f"{PREFIX}REPOSITRY: unknown" in refused(repositry="octo/hello")
    missing = refused(webhooks="false")
    assert missing.startswith(f"{PREFIX}REPOSITORY: ")
    wrong = refused(repository="hello", port="99999", webhooks="false")
    assert [line.partition(":")[0] for line in wrong.splitlines()] == [
        f"{PREFIX}REPOSITORY",
        f"{PREFIX}PORT",
    ]


def test_polls_are_rarer_with_webhooks_than_without() -> None:
    with_hooks = read(repository="octo/hello", webhook_secret=SECRET).pace
    without = read(repository="octo/hello", webhooks="false").pace
    assert (with_hooks.poll, with_hooks.recover) == (timedelta(minutes=5), timedelta(minutes=10))
    assert (without.poll, without.recover) == (timedelta(minutes=1), None)
    assert read(repository="o/h", webhooks="false", poll_s="7").pace.poll == timedelta(seconds=7)
