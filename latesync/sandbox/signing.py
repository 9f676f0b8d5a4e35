"""Signed statements of who signed in: the id_token of both pretend providers."""

import base64
import json
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

_KEY_ID = "sandbox"


def signed_token(claims: dict[str, Any]) -> str:
    """A JSON web token, signed with this process's key."""
    signed = f"{_part({'alg': 'RS256', 'kid': _KEY_ID, 'typ': 'JWT'})}.{_part(claims)}"
    signature = _key().sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{unpadded(signature)}"


def public_keys() -> dict[str, Any]:
    numbers = _key().public_key().public_numbers()
    modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
    key = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": _KEY_ID, "n": unpadded(modulus), "e": "AQAB"}
    return {"keys": [key]}


def unpadded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@lru_cache(maxsize=1)
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _part(value: dict[str, Any]) -> str:
    return unpadded(json.dumps(value, separators=(",", ":")).encode())
