"""Characters that people cannot see: what they are, and text without them.

The ranges are written out instead of asked from `unicodedata`: categories change with the Python
version, and a digest must not depend on the machine that computed it.
"""

import re
import unicodedata

_INVISIBLE = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, separators, bidi, invisible operators
    "\u3164\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff"
    "\ufdd0-\ufdef\ud800-\udfff\ue000-\uf8ff"  # noncharacters, lone surrogates, private use
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"  # tags and the variation selectors above the BMP
    "\U000f0000-\U0010ffff"  # private use planes
)
_EMOJI = "#*0-9\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff"
_TERMINAL = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?")
_UNSEEN = re.compile(f"[{_INVISIBLE}\ufe00-\ufe0d]|(?<![{_EMOJI}])[\ufe0e\ufe0f]")
_NONCHARACTER = re.compile(
    "[" + "".join(chr(p * 0x10000 + end) for p in range(1, 17) for end in (0xFFFE, 0xFFFF)) + "]"
)


def visible(text: str) -> tuple[str, int]:
    """`text` with LF line ends, in NFC, without invisible characters; and how many were removed.

    NFC and not NFKC: compatibility forms would change code. A variation selector stays only right
    behind an emoji, so that a run of them cannot carry a message.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    removed = 0
    while True:
        before = text
        text, terminal = _TERMINAL.subn("", text)
        text, noncharacters = _NONCHARACTER.subn("", text)
        text, unseen = _UNSEEN.subn("", text)
        text = unicodedata.normalize("NFC", text)
        removed += terminal + noncharacters + unseen
        if text == before:
            return text, removed
