"""A bundle's bytes before git sees them: what is damaged, cut off or a bomb is said so."""

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.git.bundles import (
    LARGEST_OBJECT_BYTES,
    MOST_OBJECTS,
    Header,
    pack_fault,
    read_header,
)
from shared.git.faults import Fault, Reason
from tests.git.making import Repo

BASE, TIP = "1" * 40, "2" * 40


def pack(*objects: bytes, count: int | None = None) -> bytes:
    number = len(objects) if count is None else count
    return b"PACK\0\0\0\2" + number.to_bytes(4, "big") + b"".join(objects) + b"c" * 20


def number(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def packed(kind: int, content: bytes, *, claims: int | None = None, between: bytes = b"") -> bytes:
    size = len(content) if claims is None else claims
    first, rest = size & 15, size >> 4
    head = bytes([kind << 4 | first | (0x80 if rest else 0)]) + (number(rest) if rest else b"")
    return head + between + zlib.compress(content, 9)


def test_a_header_tells_the_base_and_the_refs() -> None:
    raw = b"# v2 git bundle\n-%s a subject\n%s refs/gatefleet/draft\n\nPACK" % (
        BASE.encode(),
        TIP.encode(),
    )

    assert read_header(raw) == Header((BASE,), (("refs/gatefleet/draft", TIP),), len(raw) - 4)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PACK",
        b"# v2 git bundle\n",
        b"# v4 git bundle\n\n",
        b"# v2 git bundle\nnonsense\n\n",
        b"# v2 git bundle\n-zz\n\n",
        b"# v3 git bundle\n@filter=blob:none\n%s r\n\n" % TIP.encode(),
        b"# v3 git bundle\n@object-format=sha256\n%s r\n\n" % TIP.encode(),
        b"# v2 git bundle\n" + b"x" * 100_000 + b"\n\n",
    ],
)
def test_what_is_no_bundle_is_malformed(raw: bytes) -> None:
    assert read_header(raw) == Reason(Fault.BUNDLE_MALFORMED)


def test_a_sound_pack_passes_wherever_it_is_cut_it_does_not(origin: Repo) -> None:
    base = origin.commit({b"a": b"1\n" * 3000, b"b": bytes(range(256)) * 40})
    head = origin.commit({b"a": b"1\n" * 3000 + b"2", b"b": b"new", b"c/d": b"x"}, parents=[base])
    made = origin.bundle(base, head)
    header = read_header(made)
    assert isinstance(header, Header)

    assert pack_fault(made, header.pack_at) is None
    for end in range(header.pack_at, len(made), 7):
        assert pack_fault(made[:end], header.pack_at) == Reason(Fault.PACK_UNREADABLE)
    assert pack_fault(made + b"x", header.pack_at) == Reason(Fault.PACK_UNREADABLE)


def test_too_many_objects_are_counted_by_their_claim() -> None:
    fault = pack_fault(pack(count=MOST_OBJECTS + 1), 0)

    assert fault is not None
    assert fault.fault is Fault.TOO_MANY_OBJECTS


def test_one_object_that_claims_too_much_is_refused_unread() -> None:
    fault = pack_fault(pack(packed(3, b"x", claims=LARGEST_OBJECT_BYTES + 1)), 0)

    assert fault is not None
    assert fault.fault is Fault.INFLATES_TOO_MUCH


def test_an_object_that_unpacks_to_more_or_less_than_it_claims_is_unreadable() -> None:
    for claims in (5, 5_000_000):
        assert pack_fault(pack(packed(3, b"x" * 1_000_000, claims=claims)), 0) == Reason(
            Fault.PACK_UNREADABLE
        )


def test_many_small_bombs_are_one_large_one() -> None:
    zeros = packed(3, b"\0" * 90_000_000)
    assert len(zeros) < 100_000

    fault = pack_fault(pack(*[zeros] * 6), 0)

    assert fault is not None
    assert fault.fault is Fault.INFLATES_TOO_MUCH


@pytest.mark.parametrize(("kind", "between"), [(7, b"\0" * 20), (6, b"\x01")])
def test_a_delta_counts_as_what_it_makes(kind: int, between: bytes) -> None:
    delta = number(100) + number(LARGEST_OBJECT_BYTES + 1) + b"\x90\x64"

    fault = pack_fault(pack(packed(kind, delta, between=between)), 0)

    assert fault is not None
    assert fault.fault is Fault.INFLATES_TOO_MUCH


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PACK\0\0\0\3\0\0\0\0" + b"c" * 20,
        pack(b"\x00"),
        pack(b"\x50"),
        pack(b"\xff" * 30),
        pack(packed(7, b"", between=b"\0" * 20)),
    ],
)
def test_nonsense_is_unreadable(raw: bytes) -> None:
    assert pack_fault(raw, 0) == Reason(Fault.PACK_UNREADABLE)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise(raw: bytes) -> None:
    read_header(b"# v2 git bundle\n" + raw)
    pack_fault(b"PACK\0\0\0\2\0\0\0\5" + raw, 0)
