"""What tests of gate 1 ask of its decisions."""

from dataclasses import replace

from services.gatekeeper.approving import (
    Decision,
    Nothing,
    Present,
    RemoveLabel,
    decide,
)
from services.gatekeeper.facts import IssueFacts, Presented
from services.gatekeeper.reading import as_shown
from tests.gatekeeper.issues import (
    at,
)


def names(decision: Decision) -> list[str]:
    if isinstance(decision, Nothing):
        return [reason.name for reason in decision.reasons]
    assert isinstance(decision, RemoveLabel), decision
    return [decision.reason.name]


def digest_of(given: IssueFacts) -> str:
    decision = decide(given)
    assert isinstance(decision, Present), decision
    return decision.digest


def shown(given: IssueFacts, when: float) -> IssueFacts:
    """The text as it stands was shown at `when`."""
    probe = replace(given, presented=Presented("", at(when)))
    text = as_shown(probe, given.history)  # type: ignore[arg-type] # always readable here
    assert text is not None
    return replace(given, presented=Presented(text.digest, at(when)))
