"""Events of every kind have an identity and a time."""

from datetime import UTC, datetime

from shared.messages.objects import Actor, TimelineEvent
from tests.forge.scripted import SHA, WHEN, Reply, Scripted, reader, user

AT = datetime(2030, 1, 1, tzinfo=UTC)
ADA = Actor(id=1, login="ada", kind="User")


BASE = {"created_at": WHEN, "actor": user()}
SHOWN = [
    {
        **BASE,
        "id": 1,
        "event": "labeled",
        "label": {"name": "approved"},
        "performed_via_github_app": {"id": 42},
    },
    {**BASE, "id": 2, "event": "renamed", "rename": {"from": "a", "to": "b"}},
    {**BASE, "id": 3, "event": "closed", "commit_id": SHA},
    {**BASE, "event": "cross-referenced"},
    {
        "event": "committed",
        "sha": SHA,
        "author": {"name": "x"},
        "committer": {"date": WHEN},
    },
    {"event": "reviewed", "id": 4, "user": user(), "submitted_at": WHEN},
    {"event": "line-commented", "node_id": "X"},
    {**BASE, "id": 5, "event": "labeled", "actor": None, "label": {"name": "x"}},
]


async def test_each_kind_as_the_catalogue_has_it() -> None:
    forge = Scripted().on("GET", "issues/1/timeline", Reply(SHOWN))

    found = await reader(forge).timeline(1)

    assert found == (
        TimelineEvent(id="1", event="labeled", actor=ADA, at=AT, label="approved", app_id=42),
        TimelineEvent(id="2", event="renamed", actor=ADA, at=AT, renamed_from="a", renamed_to="b"),
        TimelineEvent(id="3", event="closed", actor=ADA, at=AT, closed_by=SHA),
        TimelineEvent(
            id="cross-referenced@2030-01-01T00:00:00+00:00",
            event="cross-referenced",
            actor=ADA,
            at=AT,
        ),
        TimelineEvent(id=SHA, event="committed", actor=None, at=AT),
        TimelineEvent(id="4", event="reviewed", actor=ADA, at=AT),
        TimelineEvent(id="5", event="labeled", actor=None, at=AT, label="x"),
    )
