"""Points at which every change is drilled: each kind of point with each service, in the story's order."""

from collections.abc import Iterable, Sequence

STORIES = 6
"""So many stories share the points; a start costs a fraction of what a story does."""

UNNAMED = ("fleet", "somebody")
NOT_DRILLED = (["commit", "asks"], ["commit", "postpones"], ["commit", "inserts"],
               ["commit", "updates"], ["commit", "beats"], ["commit", "deletes"])  # fmt: skip
"""Kinds of commits that not every story has, or that only say again what another one said."""

CHOSEN: Sequence[str] = (
    # the repository is seen, and a look for proposals asked for
    "github-ingest commit picks poll before",
    "github-ingest commit ends reconcile after",
    "github-ingest commit forgets what was sent after",
    "github-ingest publish observed.repository.v1 before",
    "scheduler receive observed.repository.v1",
    "gatekeeper commit handles observed.repository after",
    "scheduler commit forgets what was sent before",
    "gatekeeper commit ends examine before",
    "console ack gate.repository.evaluated.v1 before",
    # proposals
    "scheduler publish work.proposals.requested.v1 before",
    "pm-agent receive work.proposals.requested.v1",
    "pm-agent commit handles work.proposals.requested before",
    "pm-agent ack work.proposals.requested.v1 before",
    "pm-agent commit picks run after",
    "pm-agent git fetch",
    "forge git-upload-pack after",
    "pm-agent sandbox python before",
    "pm-agent commit ends run before",
    "pm-agent publish draft.issue.proposed.v1 before",
    "pm-agent commit forgets what was sent after",
    "gatekeeper receive draft.issue.proposed.v1",
    "gatekeeper commit picks open-issues after",
    "forge POST issues before",
    "forge POST issues after",
    "gatekeeper commit ends open-issues before",
    "gatekeeper publish gate.issue.opened.v1 after",
    "console receive gate.issue.opened.v1",
    # approved, and worked on
    "forge POST issues/N/comments after",
    "forge POST labels after",
    "forge POST issues/N/labels after",
    "gatekeeper commit ends assess-issue after",
    "gatekeeper publish gate.issue.approved.v1 before",
    "scheduler commit handles gate.issue.approved before",
    "scheduler ack gate.issue.approved.v1 before",
    "scheduler publish work.implementation.requested.v1 after",
    "gatekeeper ack work.implementation.requested.v1 before",
    "dev-agent receive work.implementation.requested.v1",
    "dev-agent commit handles work.implementation.requested after",
    "dev-agent commit picks run before",
    "dev-agent sandbox python check.py before",
    "dev-agent sandbox python check.py inside",
    "dev-agent sandbox python after",
    "dev-agent git write-tree",
    "dev-agent git bundle",
    "dev-agent commit ends run after",
    "dev-agent publish draft.change.proposed.v1 before",
    "scheduler commit handles draft.run.finished after",
    # published
    "gatekeeper commit handles draft.change.proposed before",
    "gatekeeper ack draft.change.proposed.v1 after",
    "gatekeeper commit picks publish-change before",
    "gatekeeper git index-pack",
    "gatekeeper git unpack-objects",
    "gatekeeper git commit-tree",
    "gatekeeper git push",
    "forge git-receive-pack before",
    "forge git-receive-pack after",
    "forge POST pulls before",
    "forge POST pulls after",
    "gatekeeper commit ends publish-change before",
    "gatekeeper commit forgets what was sent before",
    "console commit handles gate.pull_request.opened before",
    # reviewed, revised, reviewed
    "scheduler commit handles gate.pull_request.opened after",
    "qa-agent receive work.review.requested.v1",
    "qa-agent commit handles work.review.requested before",
    "qa-agent ack work.review.requested.v1 after",
    "qa-agent commit picks run after",
    "qa-agent git merge-tree",
    "qa-agent sandbox python check.py after",
    "qa-agent commit ends run before",
    "qa-agent publish draft.review.proposed.v1 after",
    "qa-agent commit forgets what was sent before",
    "gatekeeper commit picks post-review after",
    "forge POST pulls/N/reviews before",
    "forge POST pulls/N/reviews after",
    "forge POST check-runs before",
    "forge POST check-runs after",
    "gatekeeper commit ends post-review after",
    "scheduler ack gate.review.posted.v1 after",
    "dev-agent ack work.revision.requested.v1 before",
    "dev-agent commit forgets what was sent after",
    "gatekeeper publish gate.pull_request.updated.v1 before",
    "gatekeeper commit ends show-gate before",
    "forge PATCH pulls/N after",
    "forge POST pulls/N/requested_reviewers after",
    # merged
    "gatekeeper commit handles observed.review after",
    "gatekeeper publish gate.pull_request.closed.v1 before",
    "scheduler commit handles gate.pull_request.closed before",
    "console commit handles gate.pull_request.closed after",
    "forge DELETE issues/N/labels/gatefleet:ready after",
)


def story(number: int) -> dict[str, int]:
    """Every so-manieth point: each story is struck from its beginning to its end."""
    return dict.fromkeys(CHOSEN[number::STORIES], 1)


def services_and_kinds(names: Iterable[str]) -> set[tuple[str, str]]:
    """`("dev-agent", "commit picks")`, `("forge", "POST pulls")`: what has to be chosen from."""
    found: set[tuple[str, str]] = set()
    for name in names:
        service, _, rest = name.partition(" ")
        words = rest.removesuffix(" before").removesuffix(" after").split()
        if service in UNNAMED or words[:1] == ["git"] or words[:2] in NOT_DRILLED:
            continue
        kind = " ".join(words[:2]) if words[0] in ("commit", "POST", "DELETE") else words[0]
        found.add((service, kind.partition(":")[0]))
    return found
