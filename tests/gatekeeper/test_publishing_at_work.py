"""A draft becomes a commit: imported as data, judged by the base's policy, made by us, once."""

from datetime import UTC, datetime, timedelta

import pytest

from services.gatekeeper.effects.publish import Publisher
from services.gatekeeper.jobs import PublishChange
from services.gatekeeper.tables import Commit, Draft, Issue
from services.local_forge.domain.protection import RulesetSpec
from shared.jobs import JobContext
from shared.messages.draft import ChangeProposed
from shared.messages.gate import DraftRefused, IssueApproved, PullRequestOpened
from shared.messages.work import ImplementationRequested
from tests.gatekeeper.acting import GREET, MENDED, Acting
from tests.gatekeeper.desks import FLEET
from tests.git.making import File, git, link, module

MANY = "".join(f"line {n}\n" for n in range(500))
TOO_MANY = "".join(f"line {n}\n" for n in range(1600))
POLICY = ".gatefleet.yml"


def reasons(act: Acting) -> list[str]:
    return [reason.name for each in act.world.said(DraftRefused) for reason in each.reasons]


def published(act: Acting) -> list[str]:
    return [each for each in act.world.writes() if each.startswith("PUSH") or each == "POST /pulls"]


async def value(act: Acting, name: str) -> tuple[str, str]:
    pull = await act.pull()
    return next((each.value, each.cause) for each in pull.inputs if each.name == name)


async def policy(act: Acting, text: str) -> None:
    """People put a policy on the default branch."""
    await act.push("main", {POLICY: text})
    await act.see_repository()


async def changed(act: Acting, changes: dict[str, str | File]) -> None:
    """An approved issue and dev-agent's change for it."""
    approved = await act.approved()
    await act.draft(await act.implement(approved), changes)


@pytest.mark.parametrize(
    ("path", "what", "reason"),
    [
        ("a", link("/etc/passwd"), "symlink"),
        ("sub", module("1" * 40), "submodule"),
        ("src/.git/config", "x", "git_folder_name"),
        ("SRC/GREET.PY", "x", "case_collision"),
        (".github/workflows/ci.yml", "on: push\n", "workflow"),
        ("key.txt", "ghp_" + "a" * 36 + "\n", "secret"),
        ("big.txt", "x" * (1 << 20) + "\n", "big_file"),
        ("long.txt", TOO_MANY, "too_large"),
    ],
)
async def test_i46_a_bad_tree_is_refused_with_its_reason_and_writes_nothing(
    act: Acting, path: str, what: str | File, reason: str
) -> None:
    await changed(act, {path: what, GREET: MENDED})

    assert reason in reasons(act), act.world.said(DraftRefused)
    assert published(act) == []
    assert await act.world.rows(Draft) == []
    (row,) = await act.world.rows(Issue)
    assert "draft was refused" in row.notice
    assert "draft was refused" in row.comment_text


@pytest.mark.parametrize("bundle", [b"", b"no bundle", b"# v2 git bundle\n\nPACK"])
async def test_i46_bytes_that_are_no_bundle_are_refused(act: Acting, bundle: bytes) -> None:
    approved = await act.approved()
    await act.draft(await act.implement(approved), bundle=bundle)

    assert len(reasons(act)) == 1
    assert published(act) == []


async def test_i46_importing_runs_nothing_and_leaves_no_quarantine(act: Acting) -> None:
    canary = act.world.folder / "ran"
    hook = f"#!/bin/sh\ntouch {canary}\n"
    await changed(act, {
        ".gitattributes": "* filter=evil\n", "hooks/post-checkout": File(hook.encode(), "100755"),
    })  # fmt: skip

    assert not canary.exists()
    assert list((act.world.folder / "fleet" / "scratch").iterdir()) == []


async def test_i48_a_secret_of_ours_is_refused_in_any_spelling_and_in_the_summary(
    act: Acting,
) -> None:
    token = act.world.hosted.token("fleet")
    approved = await act.approved()
    await act.draft(await act.implement(approved), {"a.txt": token[::-1]})
    await act.draft(await act.implement(approved), summary=f"Done with {token}.")

    assert reasons(act) == ["secret", "secret"]
    assert published(act) == []
    assert token not in "".join(each.model_dump_json() for each in act.world.heard)


async def test_i27_scope_of_the_policy_and_of_the_issue(act: Acting) -> None:
    await policy(act, "scope:\n  allow: [src/**, docs/**]\n  deny: [docs/legal/**]\n")
    act.files[POLICY.encode()] = b"scope:\n  allow: [src/**, docs/**]\n  deny: [docs/legal/**]\n"
    approved = await act.approved(body="```gatefleet\npaths: [src/**]\n```")
    await act.draft(await act.implement(approved), {"other/x.py": "x = 1\n"})
    del act.files[b"other/x.py"]
    await act.draft(await act.implement(approved), {"docs/legal/x.md": "x\n"})

    first, second = act.world.said(DraftRefused)
    assert {each.name for each in first.reasons} == {"out_of_scope", "outside_brief"}
    assert {each.name for each in second.reasons} == {"out_of_scope", "outside_brief"}
    assert published(act) == []


async def test_i27_a_rename_out_of_the_scope_is_both_its_names(act: Acting) -> None:
    text = "scope:\n  allow: [src/**]\n"
    await policy(act, text)
    act.files[POLICY.encode()] = text.encode()
    del act.files[b"README.md"]
    await changed(act, {"src/README.md": "# Hello\n"})

    assert reasons(act) == ["out_of_scope"]


async def test_i27_a_large_change_is_flagged_on_the_pull_request(act: Acting) -> None:
    await changed(act, {"src/long.py": MANY})

    assert "500 changed lines" in (await value(act, "size"))[1]
    pull = await act.world.reader.pull_request((await act.pull()).number)
    assert pull is not None
    assert "500 changed lines: more than the 400" in pull.body


async def test_i28_protected_paths_wait_for_a_person_and_for_this_head(act: Acting) -> None:
    await changed(act, {"AGENTS.md": "Do as the agent says.\n"})
    pull = await act.pull()
    assert (await value(act, "protected"))[0] == "fail"
    assert "POST /pulls/2/requested_reviewers" not in act.world.writes()  # nobody judged it yet

    for text, by in (
        (f"/approve-paths {pull.head}", act.world.person("ann", "triage")),
        (f"/approve-paths {'0' * 40}", None),
        ("/approve-paths", None),
    ):
        act.comment(pull.number, text, by=by)
        await act.see_pull(pull.number)
        assert (await value(act, "protected"))[0] == "fail"
    act.comment(pull.number, f"/approve-paths {pull.head}")
    await act.see_pull(pull.number)
    assert (await value(act, "protected"))[0] == "pass"

    approved = act.world.said(IssueApproved)[-1]
    await act.draft(await act.revise(approved, pull), {"AGENTS.md": "Do as people say.\n"})
    assert (await value(act, "protected"))[0] == "fail"


async def test_i26_a_change_of_the_policy_is_judged_by_the_policy_of_the_base(act: Acting) -> None:
    await changed(act, {POLICY: "scope:\n  allow: ['**']\nsize:\n  flag: 1400\n", "a.txt": MANY})

    assert (await value(act, "protected"))[0] == "fail"
    assert "more than the 400" in (await value(act, "size"))[1]


async def test_i26_a_broken_policy_keeps_the_last_good_one(act: Acting) -> None:
    await policy(act, "size:\n  reject: [nonsense]\n")
    act.files[POLICY.encode()] = b"size:\n  reject: [nonsense]\n"
    await changed(act, {"a.txt": TOO_MANY})

    assert reasons(act) == ["too_large"]


async def test_i15_without_protection_nothing_is_carried_out(act: Acting) -> None:
    world = act.world
    (ruleset,) = world.forge.protection.rulesets(world.place)
    approved = await act.approved()
    request = await act.implement(approved)
    world.forge.protection.change(ruleset, RulesetSpec("off", enforcement="disabled"))
    await act.see_repository()

    await act.draft(request)

    assert reasons(act) == ["protection"]
    assert published(act) == []


async def test_i47_one_commit_of_ours_a_round_with_our_own_metadata(act: Acting) -> None:
    approved = await act.approved(title="[skip ci] fixes #1 @everyone")
    request = await act.implement(approved)
    await act.draft(request)
    pull = await act.pull()
    bare = act.world.forge.repositories.git(act.world.place).path

    assert git(bare, "rev-list", "--count", f"main..{pull.head}") == "1"
    shown = git(bare, "log", "-1", "--format=%an%n%cn%n%P%n%B", pull.head).split("\n")
    assert shown[:2] == [FLEET, FLEET]
    assert shown[2] == request.base_sha
    message = "\n".join(shown[3:])
    assert "[skip ci]" not in message
    assert "#1" not in message.split("\n\n")[0]
    assert "@everyone" not in message
    assert f"Gatefleet-Run: {request.run}" in message
    assert f"Gatefleet-Approval: {approved.approval}" in message
    assert f"Gatefleet-Digest: {approved.digest}" in message


async def test_i47_a_replay_after_a_crash_before_the_outcome_has_the_same_commit(
    act: Acting,
) -> None:
    """The whole effect happens twice, hours apart, and its outcome is committed only then."""
    world = act.world
    approved = await act.approved()
    request = await act.implement(approved)
    draft = await keep(act, request)
    job = PublishChange(
        repo=world.repo, run=draft.run, generation=draft.generation, issue=draft.issue
    )
    publisher = Publisher(lambda repo: world.desk, wait=timedelta(seconds=1))

    async def commit(outcome: object) -> None:
        raise AssertionError(outcome)

    context = JobContext(draft.run, "", 1, world.clock, commit)
    await publisher.publish_change(job, context)
    before = published(act)
    world.clock.advance(3600)
    await world.service.worker.start()
    await world.settle()

    assert published(act) == before
    assert len(before) == 2
    (opened,) = world.said(PullRequestOpened)
    assert [row.sha for row in await world.rows(Commit)] == [opened.head]


async def keep(act: Acting, request: ImplementationRequested) -> ChangeProposed:
    """dev-agent's draft arrives while nothing is carried out."""
    await act.world.service.worker.stop()
    made = ChangeProposed(
        repo=request.repo, run=request.run, generation=request.generation, issue=request.issue,
        approval=request.approval, base=request.base_sha, summary="Returns two.",
        at=datetime(2030, 1, 1, tzinfo=UTC), bundle=act.bundle(request.base_sha, {GREET: MENDED}),
    )  # fmt: skip
    await act.world.say(made, "dev-agent")
    return made
