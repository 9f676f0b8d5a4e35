"""id_token: a signed statement of who signed in (google-calendar.md T10)."""

import base64
import json
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from .errors import Json
from .state import User

_KEY_ID = "sandbox"
_LIFE_S = 3600


def id_token(client_id: str, user: User, scopes: list[str], nonce: str | None, now_ts: float) -> str:
    claims: Json = {
        "iss": "https://accounts.google.com",
        "azp": client_id,
        "aud": client_id,
        **claims_of(user, scopes),
        "iat": int(now_ts),
        "exp": int(now_ts) + _LIFE_S,
    }
    if nonce:
        claims["nonce"] = nonce
    signed = f"{_part({'alg': 'RS256', 'kid': _KEY_ID, 'typ': 'JWT'})}.{_part(claims)}"
    signature = _key().sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{_text(signature)}"


def claims_of(user: User, scopes: list[str]) -> Json:
    """What the granted identity scopes tell about a person; also the answer of /userinfo."""
    claims: Json = {"sub": user.sub}
    if any(scope.endswith("userinfo.email") for scope in scopes):
        claims |= {"email": user.email, "email_verified": True}
    if any(scope.endswith("userinfo.profile") for scope in scopes):
        claims["name"] = user.name
    if user.organisation:
        claims["hd"] = user.organisation
    return claims


def public_keys() -> Json:
    numbers = _key().public_key().public_numbers()
    modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
    key = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": _KEY_ID, "n": _text(modulus), "e": "AQAB"}
    return {"keys": [key]}


@lru_cache(maxsize=1)
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _part(value: Json) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
