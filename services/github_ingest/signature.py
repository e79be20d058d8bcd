"""The proof that a delivery is the forge's: HMAC-SHA256 over the raw bytes."""

import hashlib
import hmac
import re
from collections.abc import Sequence

LEAST_SECRET_BYTES = 32
MOST_SECRETS = 2
"""One, and during a rotation the one before it."""

_WELL_FORMED = re.compile(rb"sha256=([0-9a-f]{64})\Z")


def claimed(headers: Sequence[bytes]) -> bytes | None:
    """The 64 hex digits that `X-Hub-Signature-256` claims; None unless it is there once, as is."""
    if len(headers) != 1:
        return None
    found = _WELL_FORMED.match(headers[0])
    return found[1] if found else None


def is_signed(body: bytes, claim: bytes, secrets: Sequence[bytes]) -> bool:
    """Whether `claim` is the MAC of `body` under one of the secrets.

    Every secret is tried, and bytes are compared, in constant time: the time says nothing.
    """
    proven = False
    for secret in secrets:
        made = hmac.new(secret, body, hashlib.sha256).hexdigest().encode()
        proven |= hmac.compare_digest(made, claim)
    return proven
