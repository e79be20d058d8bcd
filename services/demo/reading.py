"""What a person reads before answering at a gate: the issue's text, or the diff."""

from dataclasses import dataclass
from pathlib import Path

from services.demo.gates import Question
from shared.forge.port import Reader
from shared.git.diff import changed
from shared.git.objects import require_sha
from shared.git.runner import Git
from shared.messages.objects import Comment
from shared.snapshot import NotACommand, parse, take
from shared.snapshot.invisible import visible

TEXT_SIZE = "an agent would read {lines} line(s), digest {digest}"
REMOVED = "; taken out before: {removed}"
DIFF_SIZE = "{files} file(s), {lines} line(s) changed, {rounds} review round(s)"
GONE = "it is gone from the forge"
COMMENT = "--- comment by {author} ---"
DIFF_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Reading:
    """What is behind a question: its size in one line, and the whole."""

    size: str
    lines: tuple[str, ...]


class Shelf:
    """Gets what is to be read, from the forge and from its repository."""

    def __init__(self, reader: Reader, bare: Path) -> None:
        self._reader = reader
        self._bare = bare

    async def read(self, question: Question) -> Reading:
        """The text that an agent would read, or the diff that would be merged."""
        if question.gate == 1:
            return await self._text(question.issue)
        return await self._diff(question)

    async def _text(self, number: int) -> Reading:
        issue = await self._reader.issue(number)
        if issue is None:
            return Reading(GONE, ())
        facts = await self._reader.repository()
        comments = [each for each in await self._reader.comments(number) if _is_read(each)]
        snapshot = take(facts.repo, issue, comments)
        lines = [snapshot.title, "", *snapshot.body.splitlines()]
        for comment in snapshot.comments:
            lines += ["", COMMENT.format(author=comment.author), *comment.body.splitlines()]
        size = TEXT_SIZE.format(lines=len(lines), digest=snapshot.digest[:16])
        if snapshot.removed:
            size += REMOVED.format(removed=", ".join(snapshot.removed))
        return Reading(size, tuple(lines))

    async def _diff(self, question: Question) -> Reading:
        facts = await self._reader.repository()
        head = require_sha(question.head)
        git = Git(self._bare)
        base = (
            (await git.run("merge-base", require_sha(facts.head_sha or ""), head)).decode().strip()
        )
        diff = await changed(self._bare, base, head)
        ran = await git.call(
            "diff-tree", "-r", "-p", "--no-ext-diff", "--no-textconv", "--no-color", "--find-renames",
            base, head, limit_bytes=DIFF_BYTES,
        )  # fmt: skip
        size = DIFF_SIZE.format(files=len(diff.files), lines=diff.lines, rounds=question.rounds)
        text, _ = visible(ran.out.decode("utf-8", "replace"))
        return Reading(size, tuple(text.splitlines()))


def _is_read(comment: Comment) -> bool:
    """People's words on a forge where everybody who can write is trusted: no commands, no bots."""
    return comment.author.kind != "Bot" and isinstance(parse(comment.body), NotACommand)
