"""What an issue itself tells of the past: the fleet's one comment on it, its label, its proposal."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.gatekeeper.facts import History, IssueFacts, Presented
from services.gatekeeper.roles import is_fleet
from services.gatekeeper.words.markers import find_marker
from services.gatekeeper.words.presentation import ASK, READS
from services.gatekeeper.words.status import REMEMBERED, Memory, read_memory
from shared.lifecycle import LABELS
from shared.messages.objects import Comment
from shared.snapshot import digest, take

STATE_LABELS = frozenset(filter(None, LABELS.values()))
_FENCE = "\n```"


@dataclass(frozen=True)
class Recollection:
    """Everything that the issue's row and its proposal's are made of again."""

    comment: int | None = None
    comment_text: str = ""
    """As it stands; empty: it is not to be relied on, and is written anew."""
    shown_text: str = ""
    notice: str = ""
    memory: Memory = Memory()  # noqa: RUF009 - frozen
    label: str | None = None
    proposal: UUID | None = None
    text_digest: str = ""
    """Of the proposal's text while nobody but the fleet has written it; else empty."""


def recollect(facts: IssueFacts) -> Recollection:
    """What can be read of an issue and its history. The fleet's own comment counts only while nobody
    else has edited it: it tells which text was shown, and when."""
    own = _own_comment(facts)
    label = _label(facts)
    proposal = _proposal(facts)
    found = Recollection(
        label=label, proposal=proposal, text_digest=_own_words(facts) if proposal else "",
        comment=own.id if own is not None else None,
    )  # fmt: skip
    if own is None or not _is_untouched(own, facts):
        return found
    memory = read_memory(own.body)
    shown, notice = sections(own.body)
    return replace(
        found, comment_text=own.body, shown_text=shown, notice=notice, memory=memory or Memory()
    )


def remembering(facts: IssueFacts, found: Recollection) -> IssueFacts:
    """The facts with what was remembered of them: what was shown, and whose words these are."""
    memory = found.memory
    shown = None
    if memory.digest is not None and memory.shown_at is not None:
        shown = Presented(memory.digest, memory.shown_at)
    drafts = frozenset({found.text_digest}) if found.text_digest else frozenset()
    return replace(facts, presented=facts.presented or shown, drafts=facts.drafts | drafts)


def sections(body: str) -> tuple[str, str]:
    """The presentation and the notice that a comment of the fleet shows; empty where there is none."""
    text = body.replace("\r\n", "\n").rpartition(f"\n\n{REMEMBERED}")[0]
    parts = text.split("\n\n")[1:]
    if parts and parts[0].startswith("Next: "):
        parts = parts[1:]
    rest = "\n\n".join(parts)
    asks = rest.rfind(f"{ASK}\n\n```")
    if READS not in rest or asks < 0:
        return "", rest.strip()
    opens = rest.index("```", asks)
    end = rest.find(_FENCE, opens)
    if end < 0:
        return "", rest.strip()
    end += len(_FENCE)
    return rest[:end].strip(), rest[end:].strip()


def _own_comment(facts: IssueFacts) -> Comment | None:
    if not isinstance(facts.history, History):
        return None
    for comment in facts.history.comments:
        mark = find_marker(comment.body)
        ours = mark is not None and (mark.kind, mark.id) == ("issue", str(facts.issue.number))
        if ours and not comment.deleted and is_fleet(comment.author, facts.fleet):
            return comment
    return None


def _is_untouched(comment: Comment, facts: IssueFacts) -> bool:
    assert isinstance(facts.history, History)
    edits = [each.editor for each in facts.history.edits if each.comment == comment.id]
    return all(is_fleet(editor, facts.fleet) for editor in edits)


def _label(facts: IssueFacts) -> str | None:
    shown = [each for each in facts.issue.labels if each in STATE_LABELS]
    return shown[0] if len(shown) == 1 else None


def _proposal(facts: IssueFacts) -> UUID | None:
    mark = find_marker(facts.issue.body)
    if mark is None or mark.kind != "proposal" or not is_fleet(facts.issue.author, facts.fleet):
        return None
    try:
        return UUID(mark.id)
    except ValueError:
        return None


def _own_words(facts: IssueFacts) -> str:
    """The digest of the text, if the fleet wrote and edited all of it."""
    if not isinstance(facts.history, History):
        return ""
    hands = [each.editor for each in facts.history.edits if each.comment is None]
    hands += [each.actor for each in facts.history.timeline if each.event == "renamed"]
    if not all(is_fleet(hand, facts.fleet) for hand in hands):
        return ""
    text = take(facts.repo, facts.issue, [])
    return digest(facts.repo.id, facts.issue.node_id, title=text.title, body=text.body)
