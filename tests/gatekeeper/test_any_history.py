"""I-01 to I-10 over any history: whatever people did, an approval means what it says."""

from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from services.gatekeeper.approving import Approve, decide
from services.gatekeeper.facts import ApprovalPolicy, IssueFacts, Presented
from services.gatekeeper.reading import read_until
from services.gatekeeper.roles import Unreadable
from services.gatekeeper.standing import Keep
from shared.messages.objects import Actor, Comment, Edit, TimelineEvent
from shared.snapshot import Approve as ApproveCommand
from shared.snapshot import parse
from tests.gatekeeper.issues import (
    BOT,
    FLEET,
    MAINTAINER,
    STRANGER,
    TRIAGER,
    WRITER,
    at,
    body_edit,
    comment,
    event,
    facts,
    granted,
    issue,
    labeled,
    unlabeled,
)

QUIET = 3
MAY = {WRITER.id, MAINTAINER.id}
PEOPLE = st.sampled_from([STRANGER, TRIAGER, WRITER, MAINTAINER, FLEET, BOT])
SAID = ["/approve", "/approve DIGEST", "/unapprove", "do it well"]
TEXTS = ["It is broken.", "It is evil."]

MOVES = st.one_of(
    st.tuples(st.just("edit"), PEOPLE, st.sampled_from(TEXTS)),
    st.tuples(st.just("say"), PEOPLE, st.sampled_from(SAID)),
    st.tuples(st.just("label"), PEOPLE, st.just("")),
    st.tuples(st.just("unlabel"), PEOPLE, st.just("")),
    st.tuples(st.just("close and reopen"), PEOPLE, st.just("")),
    st.tuples(st.just("show"), st.just(FLEET), st.just("")),
    st.tuples(st.just("rewrite"), PEOPLE, st.sampled_from(["/approve", "thanks"])),
)  # fmt: skip
HISTORIES = st.lists(st.tuples(st.integers(0, 3), MOVES), max_size=12)


@dataclass
class World:
    """A forge of one issue: it owns its state and remembers what happened."""

    author: Actor
    now: int = 1
    body: str = TEXTS[0]
    label: bool = False
    comments: list[Comment] = field(default_factory=list)
    timeline: list[TimelineEvent] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    presented: Presented | None = None

    def facts(self) -> IssueFacts:
        labels = ("approved",) if self.label else ()
        return replace(
            facts(
                of=issue(author=self.author, body=self.body, labels=labels),
                comments=tuple(self.comments),
                timeline=tuple(self.timeline),
                edits=tuple(self.edits),
                now=self.now + 1,
            ),
            presented=self.presented,
            policy=ApprovalPolicy(quiet=at(QUIET) - at(0)),
        )

    def digest(self) -> str:
        given = self.facts()
        assert not isinstance(given.history, Unreadable)
        return read_until(given, given.history).digest

    def do(self, wait: int, move: tuple[str, Actor, str]) -> None:
        self.now += wait
        what, who, text = move
        if what == "edit":
            self.body = text
            self.edits.append(body_edit(who, self.now))
        elif what == "say":
            said = text.replace("DIGEST", self.digest())
            self.comments.append(comment(len(self.comments) + 1, who, said, self.now))
        elif what == "label":
            self.label = True
            self.timeline.append(labeled(who, self.now))
        elif what == "unlabel":
            self.label = False
            self.timeline.append(unlabeled(who, self.now))
        elif what == "close and reopen":
            self.timeline += [event("closed", who, self.now), event("reopened", who, self.now)]
        elif what == "show":
            self.presented = Presented(self.digest(), at(self.now))
        elif self.comments:
            changed = {"body": text, "updated_at": at(self.now)}
            self.comments[-1] = self.comments[-1].model_copy(update=changed)
            self.edits.append(Edit(at=at(self.now), editor=who, comment=self.comments[-1].id))


def played(author: Actor, history: list[tuple[int, tuple[str, Actor, str]]]) -> World:
    world = World(author)
    for wait, move in history:
        world.do(wait, move)
    return world


@given(PEOPLE, HISTORIES)
def test_i01_i05_i08_i10_an_approval_is_by_a_writer_for_text_they_could_see(
    author: Actor, history: list[tuple[int, tuple[str, Actor, str]]]
) -> None:
    world = played(author, history)

    decision = decide(world.facts())

    if not isinstance(decision, Approve):
        return
    grant = decision.approver
    assert grant.id in MAY
    assert decision.snapshot.body == world.body
    assert all(c.author_id in MAY for c in decision.snapshot.comments)
    digits = _source_stands(world, decision)
    assert not [
        c for c in world.comments
        if c.body == "/unapprove" and max(c.created_at, c.updated_at) >= grant.at
    ]  # fmt: skip
    assert not [e for e in world.timeline if e.event == "closed" and e.at >= grant.at]
    if digits:
        assert decision.digest.startswith(digits)
    else:
        _was_visible(world, decision)


def _source_stands(world: World, decision: Approve) -> str:
    """The comment or label of the approval is there as it was; its digits, if it has some."""
    kind, _, id = decision.source.partition(":")
    if kind == "label":
        assert world.label
        removed = [e.at for e in world.timeline if e.event == "unlabeled"]
        assert all(gone < decision.approver.at for gone in removed)
        return ""
    [said] = [c for c in world.comments if str(c.id) == id]
    command = parse(said.body)
    assert isinstance(command, ApproveCommand)
    assert said.updated_at == said.created_at
    assert not [e for e in world.edits if e.comment == said.id]
    return command.digest or ""


def _was_visible(world: World, decision: Approve) -> None:
    """Only writers' hands and no edit since; or shown, quiet, and untouched since the showing."""
    ids = {c.id for c in decision.snapshot.comments}
    edits = [e for e in world.edits if e.comment is None or e.comment in ids]
    hands = {world.author.id} | {e.editor.id for e in edits if e.editor is not None}
    when = decision.approver.at
    by_writers = hands <= MAY and all(e.at < when for e in edits)
    shown = world.presented
    was_shown = (
        shown is not None
        and shown.digest == decision.digest
        and when > shown.at + (at(QUIET) - at(0))
        and all(e.at <= shown.at for e in edits)
    )
    assert by_writers or was_shown


@given(PEOPLE, HISTORIES, st.data())
def test_i34_a_history_in_any_listed_order_decides_the_same(
    author: Actor, history: list[tuple[int, tuple[str, Actor, str]]], data: st.DataObject
) -> None:
    given_facts = played(author, history).facts()
    assert not isinstance(given_facts.history, Unreadable)
    listed = given_facts.history
    shuffled = replace(
        listed,
        comments=tuple(data.draw(st.permutations(listed.comments))),
        edits=tuple(data.draw(st.permutations(listed.edits))),
    )

    first, second = decide(given_facts), decide(replace(given_facts, history=shuffled))

    assert type(first) is type(second)
    if isinstance(first, Approve):
        assert first == second


@given(PEOPLE, HISTORIES)
def test_i13_what_was_just_approved_stands_while_nothing_happens(
    author: Actor, history: list[tuple[int, tuple[str, Actor, str]]]
) -> None:
    given_facts = played(author, history).facts()

    if isinstance(decide(given_facts), Approve):
        assert decide(granted(given_facts)) == Keep()
