"""The forge by itself, as a container runs it: tokens and a webhook that were made elsewhere."""

import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import select

from services.local_forge.alone import opened
from services.local_forge.app import build
from services.local_forge.domain.forge import Forge
from services.local_forge.linking import one_time_link
from services.local_forge.problems import BadCredentials
from services.local_forge.settings import LocalForgeSettings, load
from services.local_forge.tables import Hook
from shared.clock import FakeClock
from shared.errors import BadInput

HOOK = "http://ingest.test/webhook"


def tokens_in(folder: Path) -> Mapping[str, str]:
    folder.mkdir(exist_ok=True)
    made = {name: secrets.token_hex(32) for name in ("you", "fleet", "reader")}
    for name, token in made.items():
        (folder / name).write_text(f"{token}\n")
    return made


def settings(tmp_path: Path, secret: str = "s" * 64) -> LocalForgeSettings:
    (tmp_path / "secret").write_text(f"{secret}\n")
    return load({
        "GATEFLEET_LOCAL_FORGE_STATE": str(tmp_path / "state"),
        "GATEFLEET_LOCAL_FORGE_PORT": "0",
        "GATEFLEET_LOCAL_FORGE_HOSTS": "local-forge, forge",
        "GATEFLEET_LOCAL_FORGE_REPOSITORY": "octo/hello",
        "GATEFLEET_LOCAL_FORGE_TOKENS": str(tmp_path / "tokens"),
        "GATEFLEET_LOCAL_FORGE_HOOK_URL": HOOK,
        "GATEFLEET_LOCAL_FORGE_HOOK_SECRET_FILE": str(tmp_path / "secret"),
        "GATEFLEET_LOCAL_FORGE_TELLS_LINK": "false",
    })  # fmt: skip


async def begin(given: LocalForgeSettings) -> None:
    """What a start leaves behind in the state folder."""
    async with opened(given, FakeClock()):
        pass


async def inside(given: LocalForgeSettings) -> Forge:
    local = build(given, FakeClock())
    await local.close()
    return build(given, FakeClock()).forge


async def test_tokens_made_elsewhere_are_taken_and_those_before_end(tmp_path: Path) -> None:
    first = tokens_in(tmp_path / "tokens")
    await begin(settings(tmp_path))
    second = tokens_in(tmp_path / "tokens")
    await begin(settings(tmp_path))

    forge = await inside(settings(tmp_path))
    assert forge.accounts.authenticate(second["you"]).login == "you"
    assert forge.accounts.authenticate(second["fleet"]).scope == "write"
    assert forge.accounts.authenticate(second["reader"]).scope == "read"
    for token in first.values():
        with pytest.raises(BadCredentials):
            forge.accounts.authenticate(token)
    kept = tmp_path / "state/tokens/you"
    assert kept.read_text().strip() == second["you"]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    forge.context.store.close()


@pytest.mark.parametrize(
    ("text", "said"), [("short", "32 characters or more"), (None, "cannot be read")]
)
async def test_a_token_that_is_none_stops_the_start(
    tmp_path: Path, text: str | None, said: str
) -> None:
    tokens_in(tmp_path / "tokens")
    (tmp_path / "tokens/fleet").unlink()
    if text is not None:
        (tmp_path / "tokens/fleet").write_text(text)

    with pytest.raises(BadInput, match=said):
        await begin(settings(tmp_path))


async def test_the_webhook_stays_the_same_until_its_secret_changes(tmp_path: Path) -> None:
    tokens_in(tmp_path / "tokens")
    await begin(settings(tmp_path))
    await begin(settings(tmp_path))
    await begin(settings(tmp_path, secret="t" * 64))

    forge = await inside(settings(tmp_path, secret="t" * 64))
    with forge.context.store.reading() as session:
        hooks = session.scalars(select(Hook).order_by(Hook.id)).all()
    assert [(hook.url, hook.secret[0], hook.active) for hook in hooks] == [
        (HOOK, "s", False), (HOOK, "t", True),
    ]  # fmt: skip
    forge.context.store.close()


async def test_a_quiet_forge_prints_no_link_and_one_is_made_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tokens_in(tmp_path / "tokens")
    given = settings(tmp_path)
    async with opened(given, FakeClock()) as running:
        await running.start()
        link = one_time_link(given, FakeClock())
        await running.stop()

    assert "token=" not in capsys.readouterr().out
    forge = await inside(given)
    assert forge.sessions.redeem(link.rpartition("=")[2]) is not None
    assert forge.sessions.redeem(link.rpartition("=")[2]) is None
    forge.context.store.close()


def test_other_names_are_known_and_a_hook_needs_its_secret(tmp_path: Path) -> None:
    assert {"local-forge", "forge", "127.0.0.1"} <= settings(tmp_path).names

    with pytest.raises(BadInput) as caught:
        load({
            "GATEFLEET_LOCAL_FORGE_STATE": "/x",
            "GATEFLEET_LOCAL_FORGE_HOOK_URL": HOOK,
            "GATEFLEET_LOCAL_FORGE_PROT": "1",
            "GATEFLEET_LOCAL_FORGE_DATABASE_URL_FILE": "/nonexistent/file",
        })  # fmt: skip

    lines = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "GATEFLEET_LOCAL_FORGE_PROT",
        "GATEFLEET_LOCAL_FORGE_DATABASE_URL_FILE",
        "GATEFLEET_LOCAL_FORGE_HOOK_SECRET",
    ]
