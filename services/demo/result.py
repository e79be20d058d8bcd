"""What came of a demo: the JSON object, the last line, the exit code. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from services.console.view import IssueView
from services.demo.story import Story
from services.demo.telling import Line
from shared.lifecycle import IssueState

FLEET_OFF = "nothing was done, the fleet stays off in {repo}: {why}"
FLEET_STOPPED = "nothing was merged, the fleet is stopped: {why}"
NOTHING_PROPOSED = "nothing was proposed for {repo}: {why}"
NOT_LOOKED = "pm-agent did not come to an end"
NOTHING_FOUND = "the tools found nothing to mend"
NOTHING_APPROVED = "nothing was approved, so nothing was done"
NOTHING_MERGED = "nothing was merged: {why}"
NOT_IN_HISTORY = "the forge says merged, but {sha} is not in the history of the default branch"
OUT_OF_TIME = "the loop still moved after {limit:g} s and was stopped where it stood: {why}"
NO_ISSUES = "no issue was proposed yet"
DONE = "{merged} of {count} issue(s) went from proposed to merged in {seconds:.0f} s"
STANDS = "{state}: {why}; {next}"
STOOD = "#{number} {state}: {why}"
NEXT = "{stood}; {next}"
NOTED = "{state}: {note}"


@dataclass(frozen=True)
class Result:
    """The end of a demo."""

    repo: str
    story: Story
    messages: Mapping[str, int]
    seconds: float
    engine: str
    in_history: frozenset[str]
    """Merge commits that the default branch's history really holds."""
    out_of_time_s: float | None = None
    """The limit at which the loop was stopped, if it was."""

    @property
    def views(self) -> tuple[IssueView, ...]:
        """All issues, in the order of their numbers."""
        return self.story.shown()

    @property
    def merged(self) -> list[IssueView]:
        """Issues that were proposed and whose merge is in the repository's history."""
        return [
            view
            for view in self.views
            if view.facts.by_fleet and view.merged_sha and view.merged_sha in self.in_history
        ]

    @property
    def code(self) -> int:
        """0 only if at least one issue went the whole way, and the loop came to rest."""
        return 0 if self.merged and self.out_of_time_s is None else 1

    def line(self) -> str:
        """One line that says what came of it."""
        if self.out_of_time_s is not None:
            why = "; ".join(_stands(view) for view in self._unmerged()) or NO_ISSUES
            return OUT_OF_TIME.format(limit=self.out_of_time_s, why=why)
        if self.merged:
            return DONE.format(merged=len(self.merged), count=len(self.views), seconds=self.seconds)
        lost = [view.merged_sha for view in self.views if view.merged_sha]
        return NOT_IN_HISTORY.format(sha=lost[0]) if lost else self._why_nothing()

    def left(self) -> list[Line]:
        """Where each issue stands that was not merged, why, and the words that continue it."""
        return [
            Line(
                view.number,
                NOTED.format(state=view.standing.shown, note=view.note)
                if view.standing.state is IssueState.PROPOSED and view.note
                else STANDS.format(
                    state=view.standing.shown, why=view.standing.why, next=view.standing.next
                ),
                "quiet",
            )
            for view in self._unmerged()
        ]

    def as_json(self) -> dict[str, JsonValue]:
        """The object that `--json` prints."""
        return {
            "issues": [
                {
                    "number": view.number,
                    "title": view.title,
                    "approved_by": view.approved_by,
                    "digest": view.digest,
                    "pull_request": view.pull_request,
                    "review_rounds": view.review_rounds,
                    "head_sha": view.head_sha,
                    "merged_sha": view.merged_sha,
                }
                for view in self.views
            ],
            "messages": dict(sorted(self.messages.items())),
            "bus": "memory",
            "engine": self.engine,
            "model": None,
            "seconds": round(self.seconds, 2),
        }

    def _unmerged(self) -> list[IssueView]:
        return [view for view in self.views if view.standing.state is not IssueState.MERGED]

    def _why_nothing(self) -> str:
        if self.story.off:
            return FLEET_OFF.format(repo=self.repo, why=self.story.off)
        if self.story.views.stopped is not None:
            return FLEET_STOPPED.format(why=self.story.views.stopped)
        if not self.views:
            why = self.story.saw or (NOTHING_FOUND if self.story.looked else NOT_LOOKED)
            return NOTHING_PROPOSED.format(repo=self.repo, why=why)
        approved = [view for view in self.views if view.approved_by]
        if approved:
            stood = (NEXT.format(stood=_stands(view), next=view.standing.next) for view in approved)
            return NOTHING_MERGED.format(why=" | ".join(stood))
        notes = "; ".join(f"#{view.number}: {view.note}" for view in self.views if not view.doable)
        return f"{NOTHING_APPROVED} ({notes})" if notes else NOTHING_APPROVED


def _stands(view: IssueView) -> str:
    said = view.phase if view.facts.run is not None and view.phase else view.standing.why
    return STOOD.format(number=view.number, state=view.standing.shown, why=said)
