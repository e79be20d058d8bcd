"""What the scheduler reacts to: one file a subject, one function a message."""

from services.scheduler.handlers.approvals import admit, obey, release, rerank
from services.scheduler.handlers.events import answer
from services.scheduler.handlers.pulls import (
    close_issue,
    hand_over,
    note_gate,
    review_opened,
    review_updated,
)
from services.scheduler.handlers.repositories import halt, learn, note_protection, restart
from services.scheduler.handlers.reviews import mend, review_again, revise_after_review
from services.scheduler.handlers.runs import conclude, note_proposal, note_refusal, renew

ALL = (
    admit, answer, close_issue, conclude, halt, hand_over, learn, mend, note_gate, note_proposal,
    note_protection, note_refusal, obey, release, renew, rerank, restart, review_again,
    review_opened, review_updated, revise_after_review,
)  # fmt: skip
