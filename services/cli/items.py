"""What `gatefleet inbox` paints: one block for each thing that waits."""

from datetime import datetime

from rich.padding import Padding
from rich.text import Text

from services.cli.page import NEXT, Page, joined, link, plain
from services.cli.reading import Source
from services.cli.wording import lasting, page_of, whether_it_runs
from services.console.shapes import Inbox, InboxItem
from services.fleet.circumstances import waits

TITLE, WHOLE = "#{number} {title}", "{title}"
WHY, WHY_SINCE = "{why}", "{why} ({time})"
ASKS = {"approve": "approve?", "merge": "merge?", "mend": "needs you", "resume": "stopped"}
_INDENT = 4


def items(page: Page, inbox: Inbox, found: Source, now: datetime) -> None:
    """Paint it."""
    runs = whether_it_runs(found.running, found.as_of, now)
    page.line(joined((inbox.repository or "", runs, waits(len(inbox.items)))))
    for each in inbox.items:
        page.add("", *_item(each, found, now))


def _item(item: InboxItem, found: Source, now: datetime) -> list[Text | Padding]:
    words = WHOLE if item.issue is None else TITLE
    head = Text(f"{ASKS[item.ask]:<11}", style="cyan")
    head.append(words.format(number=item.issue, title=plain(item.title)), style="bold")
    since = lasting(item.since, now)
    why = (WHY_SINCE if since else WHY).format(why=plain(item.why), time=since)
    lines: list[Text | Padding] = [head, _in(Text(why, style="dim"))]
    if item.note:
        lines.append(_in(Text(plain(item.note), style="yellow")))
    lines.append(_in(Text(f"{NEXT}{plain(item.next)}")))
    where = page_of(found.running, item.issue, item.pull_request)
    if where:
        lines.append(_in(link(where)))
    return lines


def _in(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, _INDENT))
