"""How values look on a page: times, labels, SHAs, and the templates' environment."""

import base64
import colorsys
import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from shared.clock import Clock

_FOLDER = Path(__file__).parent / "templates"
_HUES = 12
_SPAN = re.compile(r"(?<!`)(`[^`]+`)(?!`)")
_AGES = (
    (60, 1, "just now"),
    (3600, 60, "minute"),
    (86_400, 3600, "hour"),
    (30 * 86_400, 86_400, "day"),
)


def hue_class(color: str) -> str:
    """The CSS class for a label's hex colour: one of 12 hues, or grey for what has none.

    A class and not a style attribute, because the pages' policy forbids those.
    """
    try:
        red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (0, 2, 4))
    except ValueError:
        return "hue-grey"
    hue, _, saturation = colorsys.rgb_to_hls(red, green, blue)
    return "hue-grey" if saturation < 0.15 else f"hue-{round(hue * _HUES) % _HUES}"


def age(moment: datetime, now: datetime) -> str:
    """`3 minutes ago`; from 30 days on the day itself."""
    seconds = (now - moment).total_seconds()
    for below, unit, word in _AGES:
        if seconds < below:
            count = int(seconds // unit)
            return word if unit == 1 else f"{count} {word}{'s' if count != 1 else ''} ago"
    return f"on {moment.astimezone(UTC):%-d %b %Y}"


def counted(count: int, word: str, many: str | None = None) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {word if count == 1 else many or word + 's'}"


def with_code(title: str) -> Markup:
    """A title with its code spans as code, as forges show them; all else of it is plain text."""
    return Markup("").join(
        Markup("<code>{}</code>").format(part[1:-1]) if at % 2 else escape(part)
        for at, part in enumerate(_SPAN.split(title))
    )


def environment(clock: Clock) -> Environment:
    """Jinja2 with autoescape, where a forgotten variable is an error."""

    def ago(moment: datetime) -> Markup:
        shown = moment.astimezone(UTC)
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            shown.isoformat(timespec="seconds"),
            f"{shown:%Y-%m-%d %H:%M:%S} UTC",
            age(moment, clock.now()),
        )

    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(ago=ago, hue=hue_class, counted=counted, with_code=with_code)
    made.globals["style"] = Markup(stylesheet())  # noqa: S704 - our own file
    return made


def icon() -> str:
    """The picture for the browser's tab, as SVG."""
    return (_FOLDER / "icon.svg").read_text(encoding="utf-8")


def stylesheet() -> str:
    """The one stylesheet, embedded in every page."""
    return (_FOLDER / "style.css").read_text(encoding="utf-8")


def stylesheet_source() -> str:
    """What the content security policy calls the stylesheet: its digest."""
    digest = hashlib.sha256(stylesheet().encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
