"""How plugin and LateSync sign what they send each other (design.md §8); the demo site's own few lines."""

import hashlib
import hmac
import re

CLOCK_LIMIT_S = 300  # either way


def sign(secret: str, method: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    """The signature, in hex. timestamp: Unix seconds as they travel."""
    signed = "\n".join((method, path, timestamp, nonce, hashlib.sha256(body).hexdigest()))
    return hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()


def objection(
    secret: str,
    method: str,
    path: str,
    timestamp: str,
    nonce: str,
    body: bytes,
    signature: str,
    *,
    now_s: float,
) -> str:
    """What is wrong with a message: "signature", "clock", or "" for nothing.

    Whether the nonce was used before is for the caller to find out.
    """
    is_spelt_well = re.fullmatch(r"0|[1-9][0-9]{0,11}", timestamp) and re.fullmatch(r"[0-9a-f]{32}", nonce)
    expected = sign(secret, method, path, timestamp, nonce, body)
    if not is_spelt_well or not secret or not hmac.compare_digest(expected.encode(), signature.encode()):
        return "signature"
    return "clock" if abs(now_s - int(timestamp)) > CLOCK_LIMIT_S else ""
