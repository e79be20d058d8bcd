"""What must never leave: found in every form, said by place and kind, never by value."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.git.diff import changed
from shared.git.secrets import Leak, scan, scan_change
from tests.git.making import File, Repo, link, module

SECRET = b"s3cr3t/Pass+word=&42"

WRAPPED = b"\n  ".join(base64.b64encode(SECRET)[at : at + 7] for at in (0, 7, 14, 21))

FORMS = {
    "known secret": SECRET,
    "known secret, reversed": SECRET[::-1],
    "known secret, hexadecimal": SECRET.hex().encode(),
    "known secret, URL-encoded": quote(SECRET, safe="").encode(),
    "known secret, base64": base64.b64encode(SECRET),
}


@pytest.mark.parametrize("kind", FORMS)
def test_i48_a_known_secret_is_found_in_every_form(kind: str) -> None:
    content = b"one\ntwo\nthree " + FORMS[kind] + b" end\n"

    assert scan({"a.txt": content}, [SECRET]) == [Leak("a.txt", 3, kind)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("known secret, hexadecimal", SECRET.hex().upper().encode()),
        ("known secret, hexadecimal", SECRET.hex(" ").encode()),
        ("known secret, URL-encoded", quote(SECRET, safe="").lower().encode()),
        ("known secret, URL-encoded", "".join(f"%{b:02X}" for b in SECRET).encode()),
        ("known secret, base64", base64.urlsafe_b64encode(SECRET)),
        ("known secret, base64", WRAPPED),
        ("known secret", SECRET[:9] + b'" +\n    "' + SECRET[9:]),
    ],
)  # fmt: skip
def test_i48_letter_case_wrapping_and_splitting_hide_nothing(kind: str, value: bytes) -> None:
    assert scan({"a": b"x = '" + value + b"'"}, [SECRET]) == [Leak("a", 1, kind)]


@settings(max_examples=80, deadline=None)
@given(st.binary(min_size=8, max_size=60), st.binary(max_size=7), st.binary(max_size=7))
def test_i48_base64_is_found_at_every_offset(secret: bytes, before: bytes, after: bytes) -> None:
    secret = b"S" + secret + b"E"
    encoded = base64.b64encode(before + secret + after)

    assert Leak("a", 1, "known secret, base64") in scan({"a": encoded}, [secret])


PATTERNS = [
    ("GitHub token", "gh" + "p_" + "a1B2" * 9),
    ("GitHub token", "gh" + "s_" + "a1B2" * 9),
    ("GitHub fine-grained token", "github" + "_pat_" + "A1b2_" * 12),
    ("GitLab token", "gl" + "pat-" + "A1b2" * 5),
    ("model provider key", "sk" + "-" + "a1B2" * 8),
    ("model provider key", "sk" + "-ant-api03-" + "a1B2" * 8),
    ("AWS access key", "AK" + "IA" + "ABCD1234EFGH5678"),
    ("Google API key", "AI" + "za" + "a1B2c" * 7),
    ("Slack token", "xo" + "xb-" + "123456789012-abcdef"),
    ("npm token", "np" + "m_" + "a1B2" * 9),
    ("private key", "-----BEGIN " + "PRIVATE KEY-----"),
    ("private key", "-----BEGIN " + "OPENSSH PRIVATE KEY-----"),
    ("private key", "-----BEGIN RSA " + "PRIVATE KEY-----"),
]


@pytest.mark.parametrize(("kind", "value"), PATTERNS)
def test_i48_token_shapes_are_found_without_being_known(kind: str, value: str) -> None:
    content = f"# head\nkey = '{value}'\n".encode()

    assert scan({"dir/é.py": content}, []) == [Leak("dir/é.py", 2, kind)]


@pytest.mark.parametrize(
    "text",
    [
        "task-management-is-a-long-word-with-dashes-and-more",
        "desk-1234567890123456789012345",
        "ghp_short",
        "AKIAlowercase1234567",
        "-----BEGIN PUBLIC KEY-----",
        "-----BEGIN CERTIFICATE-----",
        "sha256:" + "a1b2" * 16,
    ],
)
def test_ordinary_text_is_no_leak(text: str) -> None:
    assert scan({"a": text.encode()}, [SECRET]) == []


def test_a_name_is_searched_too_and_the_value_is_never_said() -> None:
    token = "gh" + "p_" + "a1B2" * 9
    found = scan({f"{token}.txt": b"clean", "b": b"x\n" + SECRET}, [SECRET])

    assert [(leak.line, leak.kind) for leak in found] == [(2, "known secret"), (0, "GitHub token")]
    assert SECRET.decode() not in str(found)


def test_a_secret_too_short_to_mean_anything_is_not_looked_for() -> None:
    assert scan({"a": b"abc abc"}, [b"abc", b"", b"  \n"]) == []
    assert scan({"a": SECRET}, [SECRET + b"\n"]) == [Leak("a", 1, "known secret")]


async def test_i48_a_change_is_scanned_whole(origin: Repo) -> None:
    token = b"gh" + b"p_" + b"a1B2" * 9
    other = b"gh" + b"p_" + b"z9Y8" * 9
    base = origin.commit({b"fixture.py": b"t = '" + token + b"'\n", b"a": b"1", b"old": SECRET})
    head = origin.commit(
        {
            b"fixture.py": b"# moved\n\nt = '" + token + b"'\n",
            b"a": b"1\n2\n" + other,
            b"run": File(b"\0\0" + SECRET[::-1], "100755"),
            b"l": link("/x/" + SECRET.hex()),
            b"m": module("1" * 40),
            b"dir/" + token: b"x",
        },
        parents=[base],
    )

    leaks = await scan_change(origin.git_dir, await changed(origin.git_dir, base, head), [SECRET])

    assert leaks == [
        Leak("a", 3, "GitHub token"),
        Leak("dir/" + token.decode(), 0, "GitHub token"),
        Leak("l", 1, "known secret, hexadecimal"),
        Leak("run", 1, "known secret, reversed"),
    ]


async def test_a_clean_change_has_no_leaks(origin: Repo) -> None:
    base = origin.commit({b"a": b"1"})
    head = origin.commit({b"a": b"2", b"b": b"\0" * 1000}, parents=[base])

    assert await scan_change(origin.git_dir, await changed(origin.git_dir, base, head), []) == []
    assert await scan_change(origin.git_dir, await changed(origin.git_dir, base, base), []) == []
