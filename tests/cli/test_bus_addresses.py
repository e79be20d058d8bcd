"""`gatefleet bus user` without a broker that it could ask: one line, and no password in it."""

import pytest

from services.cli.commands import run


def _line(capsys: pytest.CaptureFixture[str]) -> str:
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize("words", [["bus"], ["bus", "user"]])
def test_half_a_command_is_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 2
    assert _line(capsys).startswith("gatefleet: Missing command")


@pytest.mark.parametrize(
    ("url", "said", "code"),
    [
        ("http://admin:secret@127.0.0.1:1", "http://127.0.0.1:1: the management address does", 1),
        ("127.0.0.1:15672", "GATEFLEET_BUS_MANAGEMENT_URL: no management address; write", 2),
        ("http://127.0.0.1:15672", "GATEFLEET_BUS_MANAGEMENT_URL: no management address;", 2),
        ("http://a:secret@[::1", "GATEFLEET_BUS_MANAGEMENT_URL: no management address;", 2),
        ("", "GATEFLEET_BUS_MANAGEMENT_URL: not set; name the broker's management address", 2),
    ],
)
def test_a_management_address_that_is_none_is_one_line(
    url: str, said: str, code: int, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("GATEFLEET_BUS", "amqp://127.0.0.1/")
    monkeypatch.setenv("GATEFLEET_BUS_MANAGEMENT_URL", url)
    assert run(["bus", "user", "list"]) == code
    line = _line(capsys)
    assert f"gatefleet: {said}" in line
    assert "secret" not in line


@pytest.mark.parametrize(
    ("bus", "said"),
    [
        (None, "--bus: name the broker, amqp://HOST:PORT/VHOST, or set GATEFLEET_BUS"),
        ("memory://", "--bus: memory://: no broker; write it as amqp://HOST:PORT/VHOST"),
        ("amqp://u:secret@[::1", "--bus: [::1: no broker; write it as amqp://HOST:PORT/VHOST"),
        ("http://u:secret@host", "--bus: host: no broker; write it as amqp://HOST:PORT/VHOST"),
    ],
)
def test_a_broker_must_be_named(
    bus: str | None, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GATEFLEET_BUS", raising=False)
    assert run(["bus", "user", "list", *(["--bus", bus] if bus else [])]) == 2
    assert _line(capsys) == f"gatefleet: {said}"
