"""The store: rows in memory that stay true, and the version that answers are kept by."""

import pytest

from services.local_forge.problems import BadCredentials, Invalid
from services.local_forge.store import READING
from services.local_forge.tables import Account, Collaborator
from tests.local_forge.place import Place


async def test_a_transaction_sees_its_own_changes_and_so_does_everybody_after_it(
    place: Place,
) -> None:
    forge = place.forge
    with forge.context.store.transaction():
        ann = forge.accounts.add("ann")
        forge.roles.set(place.repo, "Ann", "triage")
        inside = (forge.accounts.get("ANN").id, forge.roles.of(place.repo, ann))

    assert inside == (ann.id, "triage")
    assert (forge.accounts.get("ann").id, forge.roles.of(place.repo, ann)) == inside


async def test_what_was_rolled_back_is_not_there_and_what_was_read_before_still_is(
    place: Place,
) -> None:
    forge, repo = place.forge, place.repo
    you = forge.accounts.get("you")

    def fail() -> None:
        with forge.context.store.transaction():
            forge.accounts.add("ann")
            forge.roles.set(repo, "you", "read")
            forge.accounts.add("you")

    with pytest.raises(Invalid):
        fail()

    assert forge.accounts.find("ann") is None
    assert forge.roles.of(repo, you) == "admin"
    assert (you.login, repo.full_name, repo.owner.login) == ("you", "octo/hello", "octo")


async def test_a_row_that_was_read_does_not_change_under_its_reader(place: Place) -> None:
    before = place.repo
    number = before.next_number

    place.forge.issues.create(before, actor=place.forge.accounts.actor("you"), title="t")

    assert (before.next_number, place.repo.next_number) == (number, number + 1)


async def test_a_token_is_known_from_the_moment_it_is_made(place: Place) -> None:
    with pytest.raises(BadCredentials):
        place.forge.accounts.authenticate("lf_nobody")
    token = place.forge.accounts.issue_token("you", scope="read")
    actor = place.forge.accounts.authenticate(token)
    assert (actor.login, actor.scope) == ("you", "read")


async def test_a_reading_writes_nothing(place: Place) -> None:
    store = place.forge.context.store
    with store.reading() as session:
        assert session.get(Account, 1) is not None
        with pytest.raises(RuntimeError, match=READING), store.transaction():
            pass


async def test_a_reading_inside_a_transaction_is_the_transaction(place: Place) -> None:
    store = place.forge.context.store
    with store.transaction() as outer, store.reading() as inner:
        assert inner is outer


async def test_the_version_grows_with_every_change_that_rest_shows(place: Place) -> None:
    forge, seen = place.forge, [place.forge.context.store.version]
    you = forge.accounts.actor("you")

    def grew() -> bool:
        seen.append(forge.context.store.version)
        return seen[-1] > seen[-2]

    forge.issues.create(place.repo, actor=you, title="t")
    assert grew()
    comment = forge.comments.create(forge.issues.get(place.repo, 1), actor=you, body="b")
    assert grew()
    forge.comments.delete(comment, actor=you)
    assert grew()
    with forge.context.store.transaction() as session:
        session.get_one(Collaborator, (place.repo.id, you.account.id)).role = "read"
    assert grew()
    forge.sessions.one_time_link()
    forge.issues.list(place.repo)
    assert not grew()


async def test_with_more_people_than_are_shared_nothing_changes_but_the_speed(
    place: Place,
) -> None:
    forge = place.forge
    with forge.context.store.transaction():
        for number in range(220):
            forge.accounts.add(f"person-{number}")
    residents = forge.context.store.residents()
    assert residents is not None
    assert list(residents.shared) == []

    made = forge.issues.create(
        place.repo, actor=forge.accounts.actor("person-7"), title="t", labels=["proposed"]
    )

    assert forge.issues.get(place.repo, made.number).author.login == "person-7"
    assert forge.timeline.of(made) == []
