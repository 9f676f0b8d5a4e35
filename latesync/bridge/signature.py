"""How the plugin and LateSync sign what they send each other: HMAC-SHA256 over what the message is.

Pure: the moment and the nonce come from the caller. The same vectors run here and in PHP
(tests/wordpress/signature_vectors.json).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field

from latesync.errors import MessageRefused

CLOCK_LIMIT_S = 300  # either way: clocks differ, and a link waits for a click

SITE_HEADER = "X-LateSync-Site"
TIMESTAMP_HEADER = "X-LateSync-Timestamp"
NONCE_HEADER = "X-LateSync-Nonce"
SIGNATURE_HEADER = "X-LateSync-Signature"
SEAL_HEADERS = (SITE_HEADER, TIMESTAMP_HEADER, NONCE_HEADER, SIGNATURE_HEADER)

_TIMESTAMP = re.compile(r"[0-9]{1,11}")
_NONCE = re.compile(r"[0-9a-f]{32}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_SITE = re.compile(r"[!-~]{0,255}")  # it is not signed, so it decides nothing by itself


@dataclass(frozen=True, slots=True)
class Seal:
    """What travels beside a message.

    site: LateSync's id, "" from a plugin that does not know it yet; it is not signed.
    timestamp: Unix seconds. nonce: 32 hex. signature: 64 hex.
    """

    site: str
    timestamp: int
    nonce: str
    signature: str = field(repr=False)


def sign(secret: str, method: str, path: str, timestamp: int, nonce: str, body: bytes) -> str:
    """The signature, in hex. path: canonical and without prefixes, such as `/hooks/site`."""
    lines = (method, path, str(timestamp), nonce, hashlib.sha256(body).hexdigest())
    return hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()


def seal_headers(
    secret: str, site: str, method: str, path: str, body: bytes, *, timestamp: int, nonce: str
) -> dict[str, str]:
    """The headers of a message that is about to be sent."""
    return {
        SITE_HEADER: site,
        TIMESTAMP_HEADER: str(timestamp),
        NONCE_HEADER: nonce,
        SIGNATURE_HEADER: sign(secret, method, path, timestamp, nonce, body),
    }


def read_seal(site: str, timestamp: str, nonce: str, signature: str) -> Seal:
    """The seal of a message that came, from SEAL_HEADERS or a link. Raises MessageRefused ("malformed")."""
    parts = ((_SITE, site), (_TIMESTAMP, timestamp), (_NONCE, nonce), (_SIGNATURE, signature))
    if not all(pattern.fullmatch(text) for pattern, text in parts):
        raise MessageRefused("malformed")
    return Seal(site, int(timestamp), nonce, signature)


def verify(secret: str, method: str, path: str, seal: Seal, body: bytes, *, now_s: float) -> None:
    """Return when the message is signed with the secret and fresh.

    Whether its nonce is new is for the store to say: each counts once.

    Raises MessageRefused: "signature"; "clock" for what is rightly signed, but not now.
    """
    expected = sign(secret, method, path, seal.timestamp, seal.nonce, body)
    if not hmac.compare_digest(expected.encode(), seal.signature.encode()):
        raise MessageRefused("signature")
    if abs(now_s - seal.timestamp) > CLOCK_LIMIT_S:
        raise MessageRefused("clock")
