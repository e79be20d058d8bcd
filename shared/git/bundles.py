"""A bundle's bytes, read before git sees them: what it stands on, what it names, what it unpacks to.

A pack of a few megabytes can claim gigabytes, in compressed runs or by deltas that copy themselves;
git would believe it. So every object's size is counted here first, inflating a little at a time.
"""

import re
import zlib
from dataclasses import dataclass

from shared.git.faults import Fault, Reason

MOST_OBJECTS = 50_000
MOST_INFLATED_BYTES = 512 * 1024 * 1024
LARGEST_OBJECT_BYTES = 100 * 1024 * 1024

_SIGNATURE = re.compile(rb"# v([23]) git bundle\n")
_PREREQUISITE = re.compile(rb"-([0-9a-f]{40})(?: .*)?")
_REF = re.compile(rb"([0-9a-f]{40}) (.+)")
_LONGEST_HEADER_BYTES = 64 * 1024
_CHUNK_BYTES = 4096
_OFFSET_DELTA, _REF_DELTA = 6, 7


@dataclass(frozen=True)
class Header:
    """What a bundle says of itself, and where its pack starts."""

    prerequisites: tuple[str, ...]
    refs: tuple[tuple[str, str], ...]
    pack_at: int


class _Unreadable(Exception):
    """The pack ends early or is not a pack; never leaves this module."""


def read_header(bundle: bytes) -> Header | Reason:
    """The header of a bundle in git's format, version 2 or 3 with SHA-1 ids."""
    start = _SIGNATURE.match(bundle)
    end = bundle.find(b"\n\n", 0, _LONGEST_HEADER_BYTES)
    if not start or end < 0:
        return Reason(Fault.BUNDLE_MALFORMED)
    lines = bundle[start.end() : end].split(b"\n")
    if start[1] == b"3":
        lines = [line for line in lines if line != b"@object-format=sha1"]
    needed = [_PREREQUISITE.fullmatch(line) for line in lines if line.startswith(b"-")]
    named = [_REF.fullmatch(line) for line in lines if not line.startswith(b"-")]
    prerequisites = tuple(found[1].decode() for found in needed if found)
    refs = tuple((f[2].decode("utf-8", "replace"), f[1].decode()) for f in named if f)
    if len(prerequisites) < len(needed) or len(refs) < len(named):
        return Reason(Fault.BUNDLE_MALFORMED)
    return Header(prerequisites, refs, end + 2)


def pack_fault(bundle: bytes, start: int) -> Reason | None:
    """Why the pack at `start` may not be unpacked; None when its objects are few and small."""
    try:
        return _measure(bundle, start)
    except (_Unreadable, zlib.error, IndexError):
        return Reason(Fault.PACK_UNREADABLE)


def _measure(data: bytes, at: int) -> Reason | None:
    if data[at : at + 4] != b"PACK" or data[at + 4 : at + 8] != b"\0\0\0\2":
        raise _Unreadable
    objects = int.from_bytes(data[at + 8 : at + 12], "big")
    if objects > MOST_OBJECTS:
        return Reason(Fault.TOO_MANY_OBJECTS, detail=f"{objects}, at most {MOST_OBJECTS}")
    at += 12
    total = 0
    for _ in range(objects):
        kind, declared, at = _object_header(data, at)
        if declared > LARGEST_OBJECT_BYTES:
            return Reason(Fault.INFLATES_TOO_MUCH, detail=f"one object of {declared} bytes")
        start, at = _inflate(data, at, declared)
        size = _delta_result(start) if kind in (_OFFSET_DELTA, _REF_DELTA) else declared
        total += size
        if size > LARGEST_OBJECT_BYTES or total > MOST_INFLATED_BYTES:
            return Reason(Fault.INFLATES_TOO_MUCH, detail=f"{total} bytes and more")
    if len(data) - at != 20:  # the pack's own checksum, which git verifies
        raise _Unreadable
    return None


def _object_header(data: bytes, at: int) -> tuple[int, int, int]:
    """Kind, declared size, and where the compressed bytes start."""
    byte = data[at]
    kind, size, shift = (byte >> 4) & 7, byte & 15, 4
    while byte & 0x80:
        at += 1
        byte = data[at]
        size |= (byte & 0x7F) << shift
        shift += 7
        if shift > 64:
            raise _Unreadable
    at += 1
    if kind == _REF_DELTA:
        at += 20
    if kind == _OFFSET_DELTA:
        while data[at] & 0x80:
            at += 1
        at += 1
    if kind in (0, 5):
        raise _Unreadable
    return kind, size, at


def _inflate(data: bytes, at: int, declared: int) -> tuple[bytes, int]:
    """The first bytes of one compressed stream of exactly `declared` bytes, and where it ends."""
    stream = zlib.decompressobj()
    start, seen = b"", 0
    while not stream.eof:
        chunk = stream.unconsumed_tail
        if not chunk:
            chunk = data[at : at + _CHUNK_BYTES]
            at += len(chunk)
            if not chunk:
                raise _Unreadable
        out = stream.decompress(chunk, 16 * _CHUNK_BYTES)
        seen += len(out)
        start = (start + out)[:32] if len(start) < 32 else start
        if seen > declared:
            raise _Unreadable
    if seen != declared:
        raise _Unreadable
    return start, at - len(stream.unused_data)


def _delta_result(start: bytes) -> int:
    """The size of what a delta makes: the second of the two numbers that open it."""
    size, at = 0, 0
    for _ in range(2):
        size, shift = 0, 0
        while True:
            byte = start[at]
            size |= (byte & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if not byte & 0x80:
                break
    return size
