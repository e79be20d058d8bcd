"""The repository and its issues, on a forge that owns its state."""

from shared.forge.facts import Role, Unreadable
from shared.messages.objects import Actor, Protection
from tests.forge.github.local import BRANCH, World, asked, head_of, opened


async def test_the_repository_its_head_files_and_branches(here: World) -> None:
    reader = here.reader()

    facts = await reader.repository()

    assert (str(facts.repo), facts.default_branch) == ("octo/hello", "main")
    assert facts.head_sha == await reader.branch_sha("main")
    assert set(facts.labels) >= {"proposed", "approved"}
    assert await reader.file("a b.py", ref="main") == b"one = 1\n"
    assert await reader.file("nothing", ref="main") is None
    assert await reader.branches("gatefleet/") == {BRANCH: await head_of(here)}
    assert await reader.branch_sha("nothing") is None


async def test_the_fleet_is_a_machine_and_an_app(here: World) -> None:
    me = await here.writer().me()

    assert (me.login, me.kind) == ("gatefleet[bot]", "Bot")
    assert (await here.writer().capabilities()).check_runs
    assert not (await here.writer(as_app=False).capabilities()).check_runs


async def test_i02_roles_are_live(here: World) -> None:
    reader = here.reader()
    ada = here.forge.join("ada", here.repo, "triage").account
    actor = Actor(id=ada.id, login="ada", kind="User")

    before = await reader.role(actor)
    here.forge.roles.set(here.repo, "ada", "maintain")
    after = await reader.role(actor)
    here.forge.faults.fail(500, path="*/permission", times=3)
    failing = await reader.role(actor)

    assert (before, after) == (Role("triage", ada.id), Role("maintain", ada.id))
    assert isinstance(failing, Unreadable)
    assert isinstance(await reader.role(actor.model_copy(update={"id": 999})), Unreadable)
    assert isinstance(await reader.role(actor.model_copy(update={"login": "no"})), Unreadable)


async def test_i15_the_seeded_protection_binds_the_fleet(here: World) -> None:
    assert await here.writer().protection("main") == Protection(
        readable=True,
        pull_request_required=True,
        approvals=1,
        dismiss_stale=True,
        last_push_approval=True,
        deletion_blocked=True,
        force_push_blocked=True,
        fleet_can_bypass=False,
    )


async def test_issues_are_followed_by_time_and_for_free_while_nothing_moves(here: World) -> None:
    reader = here.reader()
    for _ in range(3):
        asked(here)
        here.clock.advance(10)
    number = await opened(here)

    first = await reader.issues_since(None)
    same = await reader.issues_since(None, etag=first.etag)
    here.clock.advance(10)
    here.forge.comments.create(
        here.forge.issues.get(here.repo, 2), actor=here.you, body="And three?"
    )
    later = await reader.issues_since(None, etag=first.etag)

    assert [each.number for each in first.issues] == [1, 2, 3]
    assert first.pull_requests == (number,)
    assert same.not_modified
    assert [each.number for each in later.issues] == [1, 3, 2]


async def test_a_long_list_is_read_whole(here: World) -> None:
    for number in range(230):
        asked(here)
        if number % 3 == 0:
            here.clock.advance(1)
    reader = here.reader()

    changed = await reader.issues_since(None)

    assert sorted(each.number for each in changed.issues) == list(range(1, 231))
    assert len(await reader.open_issues()) == 230


async def test_i38_issues_and_comments_are_made_once(here: World) -> None:
    writer = here.writer()
    here.forge.faults.fail_after_commit(method="POST", path="*/issues")
    here.forge.faults.fail_after_commit(method="POST", path="*/comments")

    made = [
        await writer.create_issue(
            title="Count", body="To two. (p-1)", labels=["proposed"], marker="(p-1)"
        )
        for _ in range(2)
    ]
    said = [
        await writer.create_comment(made[0].number, body="Status (s-1)", marker="(s-1)")
        for _ in range(2)
    ]

    assert made[0] == made[1]
    assert said[0] == said[1]
    assert [each.number for each in await writer.open_issues()] == [1]
    assert [each.id for each in await writer.comments(1)] == [said[0].id]
    assert [write.path for write in here.forge.write_log] == [
        "/repos/octo/hello/issues",
        "/repos/octo/hello/issues/1/comments",
    ]


async def test_labels_texts_and_the_timeline_that_remembers_them(here: World) -> None:
    number = asked(here)
    writer = here.writer()

    await writer.ensure_label("gatefleet:working", color="c5def5", description="An agent works")
    await writer.ensure_label("gatefleet:working", color="c5def5", description="An agent works")
    await writer.add_labels(number, ["gatefleet:working"])
    await writer.remove_label(number, "gatefleet:working")
    await writer.remove_label(number, "gatefleet:working")
    await writer.update_issue(number, title="Count further")

    found = await writer.issue(number)
    events = await writer.timeline(number)
    assert found is not None
    assert (found.title, found.body, found.labels) == ("Count further", "To two.", ())
    assert [each.event for each in events] == ["labeled", "unlabeled", "renamed"]
    assert [each.label for each in events] == ["gatefleet:working", "gatefleet:working", None]
    assert events[2].renamed_to == "Count further"
    me = await writer.me()
    assert {each.actor.id if each.actor else None for each in events} == {me.user_id}
    assert len({each.id for each in events}) == 3


async def test_i19_the_issue_that_stops_the_fleet_is_found_by_its_label(here: World) -> None:
    asked(here)
    stop = here.forge.issues.create(
        here.repo, actor=here.you, title="Stop", body="", labels=["gatefleet:stop"]
    )

    found = await here.reader().open_issues(label="gatefleet:stop")

    assert [each.number for each in found] == [stop.number]


async def test_edits_name_their_editor(here: World) -> None:
    number = asked(here)
    writer = here.writer()
    comment = await writer.create_comment(number, body="Status (s-1)", marker="(s-1)")
    here.clock.advance(60)

    await writer.update_issue(number, body="To three.")
    await writer.edit_comment(comment.id, body="Done (s-1)")
    edits = await writer.edits(number)

    me = await writer.me()
    assert isinstance(edits, tuple)
    body, text = edits
    assert (body.comment, text.comment) == (None, comment.id)
    assert body.editor is not None
    assert text.editor is not None
    assert body.editor.id == text.editor.id == me.user_id
    assert body.at == text.at
    assert isinstance(await writer.edits(await opened(here)), Unreadable)
