"""Markdown and HTML that hides text from a reader: removed, or turned into plain visible text."""

import html
import re

Counts = dict[str, int]

# Curly braces mean nothing in Markdown: what we write in them cannot become a link or an image
# together with its neighbours.
IMAGE = "{{image: {alt}}}"
TITLE = "{{title: {title}}}"
DROPPED = "{address dropped}"

_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:-->|\Z))", re.DOTALL)
_IMG = re.compile(r"<img(?=[\s/>])[^<>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(?:alt|title)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
_OPENED = re.compile(r"<details(?=[\s/>])[^<>]*>", re.IGNORECASE)
_KEPT = re.compile(r"<(/details|summary|/summary)\s*>", re.IGNORECASE)
_TAG = re.compile(r"<(?=[A-Za-z/!?])(?!details open>|/details>|summary>|/summary>)")

# A title may span lines but no blank one, and may escape its own quote.
_BODY = r"(?:\\[^\n]|[^{end}\\\n]|\n(?![ \t]*\n)|\\(?=\n))*"
_QUOTED = "|".join(
    (
        '"' + _BODY.replace("{end}", '"') + '"',
        "'" + _BODY.replace("{end}", "'") + "'",
        r"\(" + _BODY.replace("{end}", "()") + r"\)",
    )
)
_DEFINITION = re.compile(
    r"^(?P<lead>[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]*)*)"
    r"\[(?P<label>[^\[\]\n]{1,999})\]:"
    rf"(?P<rest>[ \t]*\n?[ \t]*(?P<to><[^<>\n]*>|\S+)(?:[ \t]*\n?[ \t]*(?:{_QUOTED})[ \t]*$)?)?",
    re.MULTILINE,
)
_LINK = re.compile(
    r"(?P<bang>!?)\[(?P<text>[^\[\]]*)\]\([ \t]*\n?[ \t]*"
    r"(?P<to><[^<>\n]*>|(?:[^\s()<>]|\([^\s()]*\))*)"
    rf"(?P<title>[ \t]*\n?[ \t]*(?:{_QUOTED}))?[ \t]*\n?[ \t]*\)"
)
_SCHEME = re.compile(r"(?:javascript|vbscript|data):", re.IGNORECASE)
_SCRIPT = re.compile(r"(?:javascript|vbscript):(?=[^\s\"'])", re.IGNORECASE)
_DATA = re.compile(r"\bdata:[\w.+-]+/[\w.+-]+[;,][^\s)\"'<>]*", re.IGNORECASE)


def reveal(text: str, counts: Counts) -> str:
    """One pass: comments and image addresses removed, titles shown, details opened, tags escaped."""

    def counted(name: str, number: int = 1) -> None:
        if number:
            counts[name] = counts.get(name, 0) + number

    text, comments = _COMMENT.subn("", text)
    counted("HTML comment", comments)
    text, images = _IMG.subn(lambda tag: IMAGE.format(alt=_alt(tag[0])), text)
    counted("image address", images)
    text = _OPENED.sub("<details open>", text)
    text = _KEPT.sub(lambda tag: f"<{tag[1].lower()}>", text)
    text, tags = _TAG.subn("&lt;", text)
    counted("tag shown as text", tags)
    text = _DEFINITION.sub(lambda found: _definition(found, counts), text)
    text = _LINK.sub(lambda found: _link(found, counts), text)
    text, scripts = _SCRIPT.subn(DROPPED, text)
    text, data = _DATA.subn(DROPPED, text)
    counted("script or data address", scripts + data)
    return text


def flatten(text: str) -> str:
    """`text` with every character that markup is made of replaced by a plain one, as short."""
    return text.translate(str.maketrans("<>[]()", "{}{}{}"))


def _alt(tag: str) -> str:
    return " ".join(first or second or third for first, second, third in _ATTRIBUTE.findall(tag))


def _definition(found: re.Match[str], counts: Counts) -> str:
    """A reference definition shows nothing on the page: a comment goes, the rest is made visible."""
    label, to = found["label"].strip().lower(), (found["to"] or "")
    if label in ("//", "comment") or to in ("#", "<>", "<#>"):
        counts["reference comment"] = counts.get("reference comment", 0) + 1
        return found["lead"]
    return f"{found['lead']}\\[{found['label']}]:{found['rest'] or ''}"


def _link(found: re.Match[str], counts: Counts) -> str:
    title = (found["title"] or "").strip()[1:-1]
    shown = " " + TITLE.format(title=title) if title else ""
    if found["bang"]:
        counts["image address"] = counts.get("image address", 0) + 1
        return IMAGE.format(alt=found["text"]) + shown
    plain = re.sub(r"[\s\x00-\x20]", "", html.unescape(found["to"]).strip("<>"))
    if _SCHEME.match(plain):
        counts["script or data address"] = counts.get("script or data address", 0) + 1
        return f"[{found['text']}] {DROPPED}{shown}"
    if title:
        counts["link title shown as text"] = counts.get("link title shown as text", 0) + 1
        return f"[{found['text']}]({found['to']}){shown}"
    return found[0]
