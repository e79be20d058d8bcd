"""I-09: the exact grammar of commands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.snapshot.commands import (
    Approve,
    ApprovePaths,
    Gatefleet,
    NotACommand,
    Parsed,
    Unapprove,
    parse,
)

D = "0123456789abcdef"


@pytest.mark.parametrize(
    ("body", "parsed"),
    [
        ("/approve", Approve()),
        ("/approve\n", Approve()),
        (f"/approve {D}", Approve(D)),
        (f"/approve {D * 4}", Approve(D * 4)),
        ("/unapprove", Unapprove()),
        (f"/unapprove {D}\n", Unapprove()),
        ("/approve-paths " + "a" * 40, ApprovePaths("a" * 40)),
        ("/gatefleet pause", Gatefleet("pause")),
        ("/gatefleet resume", Gatefleet("resume")),
        ("/gatefleet cancel", Gatefleet("cancel")),
        ("/gatefleet retry", Gatefleet("retry")),
        ("/gatefleet propose speed of start", Gatefleet("propose", "speed of start")),
        ("/gatefleet answer use option 2", Gatefleet("answer", "use option 2")),
        ("/gatefleet decline", Gatefleet("decline")),
        ("/gatefleet decline zu groß, bitte", Gatefleet("decline", "zu groß, bitte")),
        ("/gatefleet propose 起動の速さ", Gatefleet("propose", "起動の速さ")),
        ("/gatefleet why", Gatefleet("why")),
        ("/gatefleet status\n", Gatefleet("status")),
        ("/gatefleet help", Gatefleet("help")),
    ],
)
def test_i09_the_exact_forms_are_commands(body: str, parsed: Parsed) -> None:
    assert parse(body) == parsed


@pytest.mark.parametrize(
    "body",
    [
        "", "approve", "/approve ", " /approve", "/approve\n\n", "\n/approve", "/approve\r\n", "/Approve",
        "/APPROVE", "/approve please", f"/approve {D[:15]}", f"/approve {D * 4}0", f"/approve  {D}",
        f"/approve {D.upper()}", f"/approve\t{D}", f"/approve {D} ", f"/approve {D} {D}", "/approved",
        "LGTM\n/approve", "/approve\nLGTM", "> /approve", "```\n/approve\n```", "<!-- /approve -->",
        "<!--\n/approve\n-->", "<details>\n/approve\n</details>", "    /approve", "`/approve`",
        "\u200b/approve", "/approve\u200b", "\u202e/approve", "x\u2028/approve", "x\r\n/approve",
        "\u2028/approve", "／approve", "/аpprove", "/approve １２３４５６７８９０１２３４５６",
        "\ufeff/approve",
        "/approve-paths", "/approve-paths " + "a" * 39, "/approve-paths " + "a" * 41,
        "/gatefleet", "/gatefleet ", "/gatefleet stop", "/gatefleet answer", "/gatefleet answer ",
        "/gatefleet merge", "/gatefleet pause\nnow", "/gatefleet  pause", "/gatefleet answer é",
        "/gatefleet decline  twice", "/gatefleet decline a\nb", "/gatefleet decline a\u200bb",
        "/gatefleet decline \u202eno", "/gatefleet decline a\u2028b", "/gatefleet why é",
        "/gatefleet whynot",
        "/gatefleet decline " + "é" * 501, "/gatefleet décline", "/gatefleet decline\u00a0x",
        "/gatefleet pausenow", "/gatefleet answer " + "x" * 501,
    ],
)  # fmt: skip
def test_i09_anything_else_is_not_a_command(body: str) -> None:
    assert isinstance(parse(body), NotACommand)


ATTEMPTS = ["/approve please", "/approve\r\n", "/Approve", "\u200b/approve", "/gatefleet stop"]


@pytest.mark.parametrize("body", ATTEMPTS)
def test_an_attempt_looks_like_a_command_so_that_its_writer_gets_a_reply(body: str) -> None:
    assert parse(body) == NotACommand(looks_like=True)


@pytest.mark.parametrize("body", ["hello", "> /approve", "```\n/approve\n```", "see /approve", ""])
def test_text_about_commands_does_not_look_like_one(body: str) -> None:
    assert parse(body) == NotACommand(looks_like=False)


@given(
    st.text(max_size=20),
    st.sampled_from(["/approve", f"/approve {D}", "/unapprove", "/approve-paths " + "a" * 40]),
    st.text(max_size=20),
)
def test_i09_a_command_inside_any_text_is_not_found(before: str, command: str, after: str) -> None:
    body = before + command + after

    exact = before == "" and after in ("", "\n")
    if not exact and not _still_exact(body):
        assert isinstance(parse(body), NotACommand)


def _still_exact(body: str) -> bool:
    """The text around it happened to lengthen the digest, which is another exact command."""
    words = body.removesuffix("\n").split(" ")
    return words[0] in ("/approve", "/unapprove") and len(words) == 2 and (
        16 <= len(words[1]) <= 64 and set(words[1]) <= set("0123456789abcdef")
    )  # fmt: skip
