"""What a change is judged by from its diff alone: emptiness, size, scope, protected paths."""

from collections.abc import Iterator

from services.qa_agent.gathering import Evidence
from services.qa_agent.objections import Objection, objection
from shared.git.globs import allowed, among
from shared.git.protected import DEFAULT_PROTECTED, protected

EMPTY = "the pull request changes nothing that the base does not have"
TOO_LARGE = "{lines:,} changed lines are over the limit of {limit:,}; split the work"
TOO_MANY = "{files:,} changed files are over the limit of {limit:,}; split the work"
LARGE = "{lines:,} changed lines: more than the {limit:,} that one reads with ease"
OUT_OF_SCOPE = "outside of what the policy's `scope` allows; leave it as it is"
OUTSIDE_BRIEF = "outside of the paths that the issue names; leave it as it is"
PROTECTED = "a protected path: a person must comment `/approve-paths <head>` before it is merged"


def by_diff(evidence: Evidence) -> Iterator[Objection]:
    """Every objection that needs nothing run."""
    diff, policy = evidence.diff, evidence.policy
    size = policy.size
    if not diff.files:
        yield objection("size", EMPTY, mendable=False)
    if diff.lines > size.reject:
        text = TOO_LARGE.format(lines=diff.lines, limit=size.reject)
        yield objection("size", text, mendable=False)
    elif diff.lines > size.flag:
        text = LARGE.format(lines=diff.lines, limit=size.flag)
        yield objection("size", text, severity="warning")
    if len(diff.files) > size.files:
        text = TOO_MANY.format(files=len(diff.files), limit=size.files)
        yield objection("size", text, mendable=False)
    for file in diff.files:
        scope, named = policy.scope, evidence.brief.paths
        if not allowed(file.path, allow=scope.allow, deny=scope.deny):
            yield objection("scope", OUT_OF_SCOPE, path=file.path)
        elif named and not among(file.path, named):
            yield objection("scope", OUTSIDE_BRIEF, path=file.path)
    for path in protected(diff, (*DEFAULT_PROTECTED, *policy.protected)):
        yield objection("protected", PROTECTED, path=path, severity="note")
