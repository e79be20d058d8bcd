"""Every method that the client has, called: nothing that it sends is a merge or an approval."""

import inspect
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.errors import GatefleetError
from shared.forge.facts import ReviewNote
from shared.forge.github.open import GitHubReader, GitHubWriter, open_reader, open_writer
from shared.forge.port import Reader, Writer
from shared.messages.objects import Actor
from tests.forge.github.description.described import Described
from tests.forge.github.test_checks import runs
from tests.forge.scripted import (
    ADDRESS,
    ROOT,
    SHA,
    PatientClock,
    Reply,
    Scripted,
    comment,
    issue,
    pull,
    user,
    writer,
)

NOW = datetime(2030, 1, 1, tzinfo=UTC)
HOOKED = replace(ADDRESS, hook_id=1, app_id=42)
MARKED = {"body": "text marker", "marker": "marker"}

Call = Callable[[GitHubWriter], Awaitable[object]]

READS: dict[str, Call] = {
    "repository": lambda w: w.repository(),
    "me": lambda w: w.me(),
    "capabilities": lambda w: w.capabilities(),
    "issues_since": lambda w: w.issues_since(NOW),
    "open_issues": lambda w: w.open_issues(),
    "issue": lambda w: w.issue(1),
    "comments": lambda w: w.comments(1),
    "comments_since": lambda w: w.comments_since(NOW),
    "timeline": lambda w: w.timeline(1),
    "edits": lambda w: w.edits(1),
    "role": lambda w: w.role(Actor(id=1, login="ada", kind="User")),
    "open_pull_requests": lambda w: w.open_pull_requests(),
    "closed_pull_requests": lambda w: w.closed_pull_requests(NOW),
    "pull_request": lambda w: w.pull_request(1),
    "pull_requests_of_branch": lambda w: w.pull_requests_of_branch("main"),
    "reviews": lambda w: w.reviews(1),
    "review_comments": lambda w: w.review_comments(1),
    "checks": lambda w: w.checks(SHA),
    "changed_file_count": lambda w: w.changed_file_count(1),
    "protection": lambda w: w.protection("main"),
    "file": lambda w: w.file("README.md", ref="main"),
    "branch_sha": lambda w: w.branch_sha("main"),
    "branches": lambda w: w.branches("gatefleet/"),
    "failed_deliveries": lambda w: w.failed_deliveries(NOW),
}
WRITES: dict[str, tuple[Call, list[str]]] = {
    "redeliver": (lambda w: w.redeliver(5), [f"POST {ROOT}/hooks/1/deliveries/5/attempts"]),
    "create_issue": (
        lambda w: w.create_issue(title="t", labels=["proposed"], **MARKED),
        [f"POST {ROOT}/issues"],
    ),
    "close_issue": (lambda w: w.close_issue(1), [f"PATCH {ROOT}/issues/1"]),
    "update_issue": (lambda w: w.update_issue(1, title="t"), [f"PATCH {ROOT}/issues/1"]),
    "add_labels": (lambda w: w.add_labels(1, ["bug"]), [f"POST {ROOT}/issues/1/labels"]),
    "remove_label": (
        lambda w: w.remove_label(1, "bug"),
        [f"DELETE {ROOT}/issues/1/labels/bug"],
    ),
    "ensure_label": (
        lambda w: w.ensure_label("bug", color="ff0000", description=""),
        [f"POST {ROOT}/labels"],
    ),
    "create_comment": (
        lambda w: w.create_comment(1, **MARKED),
        [f"POST {ROOT}/issues/1/comments"],
    ),
    "edit_comment": (
        lambda w: w.edit_comment(5, body="text"),
        [f"PATCH {ROOT}/issues/comments/5"],
    ),
    "create_pull_request": (
        lambda w: w.create_pull_request(
            head="gatefleet/issue-1/a", base="main", title="t", body="b"
        ),
        [f"POST {ROOT}/pulls"],
    ),
    "update_pull_request": (
        lambda w: w.update_pull_request(3, body="b"),
        [f"PATCH {ROOT}/pulls/3"],
    ),
    "close_pull_request": (lambda w: w.close_pull_request(3), [f"PATCH {ROOT}/pulls/3"]),
    "post_review": (
        lambda w: w.post_review(3, sha=SHA, body="b", notes=[ReviewNote("a", 1, "n")]),
        [f"POST {ROOT}/pulls/3/reviews"],
    ),
    "set_check": (
        lambda w: w.set_check(
            SHA,
            name="gatefleet/gate",
            external_id="k",
            conclusion="success",
            title="t",
            summary="s",
        ),
        [f"POST {ROOT}/check-runs"],
    ),
    "request_review": (
        lambda w: w.request_review(3, "ada"),
        [f"POST {ROOT}/pulls/3/requested_reviewers"],
    ),
}
NOT_REQUESTS = {"rate", "close"}


def public(kind: type) -> set[str]:
    return {
        name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")
    }


OF_THE_CLIENT = {"clock_trouble"}
"""Asks nothing; for who opens one, and not for who uses it."""


def answering() -> Scripted:
    """Just enough answers for every method to come to its write."""
    forge = Scripted()
    for listing in ("issues", "issues/1/comments", "pulls", "pulls/3/reviews"):
        forge.on("GET", listing, Reply([]))
    forge.on("GET", f"commits/{SHA}/check-runs", Reply(runs()))
    forge.on("POST", "issues", Reply(issue()))
    forge.on("PATCH", "issues/1", Reply(issue()))
    forge.on("PATCH", "issues/comments/5", Reply(comment()))
    forge.on("POST", "/graphql", Reply({"data": None}))
    forge.on("PATCH", "pulls/3", Reply(pull()))
    forge.on("GET", "/user", Reply(user(7, "gatefleet[bot]", kind="Bot")))
    return forge


async def carried_out(call: Call) -> Scripted:
    forge = answering()
    # What comes back does not matter here, only what went out.
    with suppress(GatefleetError):
        await call(writer(forge, HOOKED))
    return forge


def test_i14_no_method_of_the_port_or_the_client_is_left_out() -> None:
    called = READS.keys() | WRITES.keys() | NOT_REQUESTS

    assert public(GitHubWriter) - OF_THE_CLIENT == public(Writer) == called
    assert (
        public(GitHubReader) - OF_THE_CLIENT
        == public(Reader)
        == READS.keys() | NOT_REQUESTS | {"redeliver"}
    )


@pytest.mark.parametrize("name", sorted(READS))
async def test_i14_a_read_sends_gets_and_the_one_fixed_query(name: str) -> None:
    forge = await carried_out(READS[name])

    assert forge.writes == (["POST /graphql"] if name == "edits" else [])
    assert forge.seen != []


@pytest.mark.parametrize("name", sorted(WRITES))
async def test_i14_a_write_sends_exactly_what_it_is_named_for(name: str) -> None:
    call, expected = WRITES[name]

    forge = await carried_out(call)

    assert forge.writes == expected


@pytest.mark.parametrize("name", sorted(WRITES.keys() - {"redeliver"}))
async def test_i18_a_reader_has_no_way_to_write(name: str) -> None:
    reader = open_reader(HOOKED, token=lambda: "t", clock=PatientClock(), transport=Scripted())

    assert not hasattr(reader, name)


@pytest.mark.parametrize("name", sorted(READS.keys() | WRITES.keys()))
async def test_whatever_is_sent_is_what_github_describes(name: str) -> None:
    call = READS[name] if name in READS else WRITES[name][0]
    described = Described(answering())
    asked = open_writer(HOOKED, token=lambda: "t", clock=PatientClock(), transport=described)

    with suppress(GatefleetError):
        await call(asked)

    assert described.asked == []
