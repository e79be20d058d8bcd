"""What must never leave: known secrets in the forms people and programs give them, and token shapes.

A finding says where and of what kind, never the value: it is shown to people and kept in logs. This
is the last of several walls, not the first; a secret that an agent cannot read cannot leak.
"""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from shared.git.changes import SUBMODULE, Diff
from shared.git.objects import NO_OBJECT, blob_sizes, blobs, raw

SHORTEST_SECRET_BYTES = 8
"""Known secrets shorter than this are not looked for: they would be found everywhere."""

PATTERNS: tuple[tuple[str, bytes], ...] = (
    ("GitHub token", rb"(?<![A-Za-z0-9_])gh[pousr]_[A-Za-z0-9]{30,255}"),
    ("GitHub fine-grained token", rb"(?<![A-Za-z0-9_])github_pat_[A-Za-z0-9_]{22,255}"),
    ("GitLab token", rb"(?<![A-Za-z0-9_])gl(?:pat|dt|rt|cbt)-[A-Za-z0-9_-]{20,}"),
    ("model provider key", rb"(?<![A-Za-z0-9_-])sk-(?:[a-z]+-)*[A-Za-z0-9_-]{20,}"),
    ("payment provider key", rb"(?<![A-Za-z0-9_])[sr]k_live_[A-Za-z0-9]{16,}"),
    ("AWS access key", rb"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ("Google API key", rb"(?<![A-Za-z0-9_-])AIza[A-Za-z0-9_-]{35}"),
    ("Slack token", rb"(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10,}"),
    ("npm token", rb"(?<![A-Za-z0-9_])npm_[A-Za-z0-9]{36}"),
    ("PyPI token", rb"pypi-AgE[A-Za-z0-9_-]{50,}"),
    ("model hub token", rb"(?<![A-Za-z0-9_])hf_[A-Za-z0-9]{30,}"),
    ("private key", rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in PATTERNS)

# Between the characters of a form there may be line breaks, quotes and plus signs: wrapped base64,
# or a literal that was split into pieces.
_GAP = rb"""[\s"'+\\,()]{0,12}"""


@dataclass(frozen=True)
class Leak:
    """One place where something secret stands. `line` counts from 1; 0 is the path itself."""

    path: str
    line: int
    kind: str


def scan(contents: Mapping[str, bytes], known: Sequence[bytes]) -> list[Leak]:
    """Every leak in `contents` (what people call it → bytes), in order of place.

    The names are searched too. `known` are the secrets themselves.
    """
    forms = _forms(known)
    found: set[Leak] = set()
    for path, content in contents.items():
        name = raw(path)
        found |= {Leak(path, 0, kind) for _, kind in _find(name, forms)}
        found |= {Leak(path, _line(content, at), kind) for at, kind in _find(content, forms)}
    return sorted(found, key=lambda leak: (leak.path, leak.line, leak.kind))


async def scan_change(git_dir: Path, diff: Diff, known: Sequence[bytes]) -> list[Leak]:
    """Scan every new content of a change, and its paths.

    A token shape that the same file already held on the base is not the change's: test data often
    looks like a token. A known secret counts wherever it stands.
    """
    files = [f for f in diff.files if not f.gone and f.new_mode != SUBMODULE]
    touched = [f for f in files if f.new_blob != f.old_blob]
    forms = _forms(known)
    old = [f.old_blob for f in touched if f.old_blob != NO_OBJECT and f.old_mode != SUBMODULE]
    suspects = await _suspects(git_dir, [f.new_blob for f in touched], forms)
    before = await _contents(git_dir, old) if suspects else {}
    found: set[Leak] = set()
    for file in files:
        found |= {Leak(file.path, 0, kind) for _, kind in _find(raw(file.path), forms)}
    for file in touched:
        content = suspects.get(file.new_blob, b"")
        known_shapes = _shapes(before.get(file.old_blob, b""))
        found |= {
            Leak(file.path, _line(content, at), kind)
            for at, kind, value in _hits(content, forms)
            if value not in known_shapes
        }
    return sorted(found, key=lambda leak: (leak.path, leak.line, leak.kind))


async def _suspects(
    git_dir: Path, shas: Iterable[str], forms: Sequence[tuple[str, re.Pattern[bytes]]]
) -> dict[str, bytes]:
    """The blobs in which there is anything at all: few, so that little is held."""
    sizes = await blob_sizes(git_dir, shas)
    return {s: c async for s, c in blobs(git_dir, sizes) if any(True for _ in _hits(c, forms))}


async def _contents(git_dir: Path, shas: Iterable[str]) -> dict[str, bytes]:
    sizes = await blob_sizes(git_dir, shas)
    return {sha: content async for sha, content in blobs(git_dir, sizes)}


def _hits(
    content: bytes, forms: Sequence[tuple[str, re.Pattern[bytes]]]
) -> Iterable[tuple[int, str, bytes | None]]:
    """Place, kind and, for a token shape, the value (for comparison only)."""
    for kind, form in forms:
        for hit in form.finditer(content):
            yield hit.start(), kind, None
    for kind, shape in _COMPILED:
        for hit in shape.finditer(content):
            yield hit.start(), kind, hit[0]


def _find(
    content: bytes, forms: Sequence[tuple[str, re.Pattern[bytes]]]
) -> Iterable[tuple[int, str]]:
    return ((at, kind) for at, kind, _ in _hits(content, forms))


def _shapes(content: bytes) -> frozenset[bytes | None]:
    return frozenset(hit[0] for _, shape in _COMPILED for hit in shape.finditer(content))


def _line(content: bytes, at: int) -> int:
    return content.count(b"\n", 0, at) + 1


def _forms(known: Sequence[bytes]) -> list[tuple[str, re.Pattern[bytes]]]:
    """The searches for each known secret, by the kind that a finding names."""
    forms: list[tuple[str, re.Pattern[bytes]]] = []
    for secret in {value.strip() for value in known}:
        if len(secret) < SHORTEST_SECRET_BYTES:
            continue
        for kind, value in _spellings(secret):
            folded = re.IGNORECASE if "hexadecimal" in kind or "URL" in kind else 0
            pattern = _GAP.join(re.escape(value[i : i + 1]) for i in range(len(value)))
            forms.append((kind, re.compile(pattern, folded)))
    return forms


def _spellings(secret: bytes) -> Iterable[tuple[str, bytes]]:
    yield "known secret", secret
    yield "known secret, reversed", secret[::-1]
    yield "known secret, hexadecimal", secret.hex().encode()
    yield "known secret, URL-encoded", "".join(f"%{byte:02x}" for byte in secret).encode()
    quoted = quote(secret, safe="").encode()
    if quoted != secret:
        yield "known secret, URL-encoded", quoted
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + secret)
        # Only the characters that hold bits of the secret alone: its neighbours are not known.
        inner = encoded[-(-8 * shift // 6) : 8 * (shift + len(secret)) // 6]
        yield "known secret, base64", inner
        if (other := inner.translate(bytes.maketrans(b"+/", b"-_"))) != inner:
            yield "known secret, base64", other
