"""id_token: a signed statement of who signed in (google-calendar.md T10)."""

from ..signing import signed_token
from .errors import Json
from .state import User

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
    return signed_token(claims)


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
