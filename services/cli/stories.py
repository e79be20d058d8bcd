"""What `gatefleet log` paints: the lines of a story, and those that come while it is followed."""

from collections.abc import Sequence
from datetime import date

from rich.table import Table
from rich.text import Text

from services.cli.console_client import ConsoleClient
from services.cli.page import Page, joined, plain
from services.cli.reading import Source
from services.cli.wording import whether_it_runs
from services.console.shapes import Log, LogLine, Tone
from shared.clock import Clock
from shared.errors import TryLater

TITLE = "#{number} {title}"
ENDED = "the fleet stopped, so the story stops here"
STYLES: dict[Tone, str] = {
    "step": "", "good": "green", "bad": "yellow", "ask": "cyan", "quiet": "dim",
}  # fmt: skip
_WHO_WIDTH = 16


class Storyteller:
    """Tells one issue's story on the terminal, each line once."""

    def __init__(self, clock: Clock, *, as_json: bool, page: Page | None = None) -> None:
        self._clock = clock
        self._as_json = as_json
        self._page = page or Page()
        self._day: date | None = None
        self._told = 0

    def begin(self, story: Log, found: Source) -> None:
        """What has happened so far."""
        if not self._as_json:
            now = self._clock.now()
            runs = whether_it_runs(found.running, found.as_of, now)
            self._page.line(joined((story.repository, runs)))
            title = TITLE.format(number=story.issue, title=plain(story.title))
            self._page.add(Text(title, style="bold"))
        self._tell(story.lines)
        self._told = story.seq

    def follow(self, story: Log, client: ConsoleClient) -> None:
        """What happens from now on. Returns when the fleet stops."""
        try:
            for change in client.changes(self._told):
                if change.line is None and change.number is None:
                    continue
                fresh = client.log(story.asked, after=self._told)
                self._tell(fresh.lines)
                self._told = max(self._told, fresh.seq)
        except TryLater:
            pass  # it is gone: said below
        if not self._as_json:
            self._page.add(Text(ENDED, style="dim"))
            self._page.show()

    def _tell(self, lines: Sequence[LogLine]) -> None:
        if self._as_json:
            for each in lines:
                self._page.write(each.model_dump_json())
        elif lines:
            self._paint(lines)
        self._page.show()

    def _paint(self, lines: Sequence[LogLine]) -> None:
        table = self._table()
        for each in lines:
            at = each.at.astimezone()
            if at.date() != self._day:
                self._day = at.date()
                if table.row_count:
                    self._page.add(table)
                    table = self._table()
                self._page.add("", Text(f"{at:%A, %Y-%m-%d}", style="dim"))
            style = STYLES[each.tone]
            table.add_row(f"{at:%H:%M:%S}", plain(each.who), Text(plain(each.what), style=style))
        self._page.add(table)

    def _table(self) -> Table:
        table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(min_width=_WHO_WIDTH if not self._page.is_narrow else None, no_wrap=True)
        table.add_column(ratio=1, overflow="fold")
        return table
