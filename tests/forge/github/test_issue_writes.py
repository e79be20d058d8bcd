"""Issues, labels and comments are written once, whatever happens to the answer."""

import httpx
import pytest

from shared.errors import BadInput, Refused, TryLater
from tests.forge.scripted import ROOT, Reply, Scripted, comment, issue, user, writer

FLEET = user(7, "gatefleet[bot]", kind="Bot")
MARKER = "proposal 1234"
BODY = f"It is broken.\n\n{MARKER}"
LOST = [Reply(status=502), Reply(error=httpx.ReadTimeout), Reply(error=httpx.RemoteProtocolError)]


def proposal(number: int = 1, **changes: object) -> dict[str, object]:
    return issue(number, **{"body": BODY, "user": FLEET, **changes})


async def test_a_new_issue() -> None:
    forge = Scripted().on("GET", "issues", Reply([]))
    forge.on("POST", "issues", Reply(proposal(), status=201))

    made = await writer(forge).create_issue(
        title="Broken", body=BODY, labels=["proposed"], marker=MARKER
    )

    assert made.number == 1
    assert forge.bodies("POST") == [{"title": "Broken", "body": BODY, "labels": ["proposed"]}]


async def test_i38_an_issue_that_is_there_is_found_by_its_marker() -> None:
    forge = Scripted().on("GET", "issues", Reply([issue(2), proposal(1, state="closed")]))

    made = await writer(forge).create_issue(title="Broken", body=BODY, labels=[], marker=MARKER)

    assert (made.number, made.state) == (1, "closed")
    assert forge.writes == []


async def test_i38_someone_who_copies_the_marker_does_not_stand_in_for_ours() -> None:
    forge = Scripted().on("GET", "issues", Reply([issue(2, body=BODY)]))
    forge.on("POST", "issues", Reply(proposal(3)))

    made = await writer(forge).create_issue(title="Broken", body=BODY, labels=[], marker=MARKER)

    assert made.number == 3


@pytest.mark.parametrize("lost", LOST)
async def test_i38_an_issue_whose_answer_was_lost_is_found_not_made_again(lost: Reply) -> None:
    forge = Scripted().on("GET", "issues", Reply([]), Reply([proposal()]))
    forge.on("POST", "issues", lost)

    made = await writer(forge).create_issue(title="Broken", body=BODY, labels=[], marker=MARKER)

    assert made.number == 1
    assert forge.writes == [f"POST {ROOT}/issues"]


@pytest.mark.parametrize("lost", LOST)
async def test_i38_a_comment_that_is_not_to_be_seen_yet_is_looked_for_again_later(
    lost: Reply,
) -> None:
    mine = comment(5, user=FLEET, body=f"Status. {MARKER}")
    forge = Scripted().on("GET", "issues/1/comments", Reply([]), Reply([]), Reply([mine]))
    forge.on("POST", "issues/1/comments", lost)
    asked = writer(forge)

    with pytest.raises(TryLater):
        await asked.create_comment(1, body=f"Status. {MARKER}", marker=MARKER)
    again = await asked.create_comment(1, body=f"Status. {MARKER}", marker=MARKER)

    assert again.id == 5
    assert forge.writes == [f"POST {ROOT}/issues/1/comments"]


@pytest.mark.parametrize("marker", ["", " ", "another"])
async def test_a_text_that_could_not_be_found_again_is_not_written(marker: str) -> None:
    forge = Scripted()
    asked = writer(forge)

    with pytest.raises(BadInput, match="marker"):
        await asked.create_issue(title="t", body=BODY, labels=[], marker=marker)
    with pytest.raises(BadInput, match="marker"):
        await asked.create_comment(1, body=BODY, marker=marker)

    assert forge.seen == []


async def test_only_what_is_given_is_changed() -> None:
    forge = Scripted().on("PATCH", "issues/1", Reply(issue(1)))

    await writer(forge).update_issue(1, body="New.")

    assert forge.bodies("PATCH") == [{"body": "New."}]


async def test_a_comment_is_edited_in_place() -> None:
    forge = Scripted().on("PATCH", "issues/comments/5", Reply(comment(5, body="New.")))

    edited = await writer(forge).edit_comment(5, body="New.")

    assert (edited.body, edited.number) == ("New.", 1)


async def test_labels_with_odd_names_reach_only_themselves() -> None:
    forge = Scripted()
    asked = writer(forge)

    for name in ("C#", "área/ui", "100 %", "a?b"):
        await asked.remove_label(1, name)
    for name in ("..", "x/../../../pulls/1", "", "gatefleet:stop", "Gatefleet:Stop"):
        with pytest.raises(Refused):
            await asked.remove_label(1, name)

    assert [each.url.raw_path.decode().rpartition("/")[2] for each in forge.seen] == [
        "C%23",
        "%C3%A1rea%2Fui",
        "100%20%25",
        "a%3Fb",
    ]


async def test_i16_the_approval_label_is_never_ours_to_give() -> None:
    forge = Scripted().on("GET", "issues", Reply([]))
    asked = writer(forge)

    with pytest.raises(Refused):
        await asked.add_labels(1, ["approved"])
    with pytest.raises(Refused):
        await asked.create_issue(title="t", body=BODY, labels=["Approved"], marker=MARKER)

    assert forge.writes == []


async def test_a_label_is_made_once() -> None:
    label = {"name": "proposed"}
    there = Scripted().on("GET", "labels/proposed", Reply(label))
    new = Scripted().on("POST", "labels", Reply(label, status=201))
    raced = Scripted().on("GET", "labels/proposed", Reply(status=404), Reply(label))
    raced.on("POST", "labels", Reply({"message": "already_exists"}, status=422))

    for forge in (there, new, raced):
        await writer(forge).ensure_label("proposed", color="c5def5", description="")

    assert there.writes == []
    assert new.writes == raced.writes == [f"POST {ROOT}/labels"]


async def test_a_label_that_the_forge_does_not_take_is_said() -> None:
    forge = Scripted().on("POST", "labels", Reply({"message": "too long"}, status=422))

    with pytest.raises(BadInput, match="too long"):
        await writer(forge).ensure_label("x" * 60, color="c5def5", description="")
