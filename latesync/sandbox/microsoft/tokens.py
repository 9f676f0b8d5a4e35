"""Codes and tokens: issuing and refreshing (microsoft-graph.md §3, §4, §5, §6 P8). Callers "
"hold the lock."""

import base64
import hashlib
import re
import secrets
import uuid

from ..signing import signed_token
from .clients import check_admission
from .errors import GraphError, Json
from .identity_errors import Refused, missing
from .persons import Person
from .refusals import refusal
from .scopes import OPEN_ID, echoed, read_scopes
from .signin import client_info
from .state import AccessToken, Client, Code, RefreshToken, State

_LIFE_S = (3600, 5400)  # C5
_ID_TOKEN_LIFE_S = 3600
_TRIM_ABOVE = 5_000
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_THROTTLED_FOR_S = 30


def exchange_code(state: State, client: Client, path: str, form: Json) -> Json:
    """The answer to `grant_type=authorization_code` (C3). Raises Refused."""
    if not form.get("code"):
        raise missing("code")
    if client.platform == "spa" and state.switches.spa_refuses_servers:
        raise Refused(
            9002327,
            "invalid_request",
            "Tokens issued for the 'Single-Page Application' client-type may only be redeemed "
            "via cross-origin "
            "requests.",
        )
    code = state.codes.get(form["code"])
    if code is None or code.client_id != client.id:
        raise Refused.by(refusal("bad_grant", state.switches))
    _check_code(state, code, path, form)
    person = state.persons.get(code.oid)
    if person is None:
        raise Refused.by(refusal("unknown", state.switches))
    check_admission(state, client, person, path)
    code.used = True
    scopes = [scope for scope in code.scopes if scope not in client.withheld]
    refresh = None
    if "offline_access" in scopes:
        refresh = issue_refresh_token(state, client, person, scopes, state.now())
    return issue_tokens(state, client, person, scopes, refresh, form, nonce=code.nonce)


def _check_code(state: State, code: Code, path: str, form: Json) -> None:
    if code.tenant != path:
        raise Refused(
            700005,
            "invalid_grant",
            "Provided Authorization Code is intended to use against other tenant, thus rejected.",
        )
    if code.used:
        raise Refused(
            54005,
            "invalid_grant",
            "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an "
            "existing refresh token.",
        )
    if code.ends_ts <= state.now():
        raise Refused.by(refusal("expired", state.switches))
    given = form.get("redirect_uri") or ""
    if given != code.redirect_uri and f"{given}/" != code.redirect_uri:
        raise Refused(
            500112,
            "invalid_client",
            "The reply address does not match the reply address provided when requesting Authorization code.",
        )
    _check_verifier(code, form.get("code_verifier"))
    if form.get("scope") and not set(read_scopes(form["scope"])) <= set(code.scopes):
        raise Refused(
            70011,
            "invalid_scope",
            "The 'scope' is not a subset of what the authorization code was given for.",
        )


def _check_verifier(code: Code, verifier: str | None) -> None:
    if code.challenge is None and not verifier:
        return
    digest = base64.urlsafe_b64encode(hashlib.sha256((verifier or "").encode()).digest())
    if not _VERIFIER.fullmatch(verifier or "") or digest.rstrip(b"=").decode() != code.challenge:
        raise Refused(
            501481,
            "invalid_grant",
            "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
        )


def issue_refresh_token(
    state: State, client: Client, person: Person, scopes: list[str], signed_in_ts: float
) -> RefreshToken:
    lead = "M.C5" if person.is_personal else "1.A"
    token = RefreshToken(
        value=f"{lead}{secrets.token_urlsafe(120)}",
        client_id=client.id,
        oid=person.oid,
        scopes=list(scopes),
        issued_ts=state.now(),
        signed_in_ts=signed_in_ts,
    )
    _trim(state)
    state.refresh_tokens[token.value] = token
    return token


def issue_tokens(
    state: State,
    client: Client,
    person: Person,
    scopes: list[str],
    refresh: RefreshToken | None,
    form: Json,
    *,
    nonce: str | None = None,
) -> Json:
    life_s = state.switches.access_token_life_s or _LIFE_S[0] + secrets.randbelow(_LIFE_S[1] - _LIFE_S[0])
    value = _access_token(person)
    state.access_tokens[value] = AccessToken(client.id, person.oid, list(scopes), state.now() + life_s)
    switches = state.switches
    answer: Json = {
        "token_type": "Bearer",
        "scope": echoed(scopes, in_full=switches.full_scope_names, with_more=switches.repeats_more_scopes),
        "expires_in": int(life_s),
        "ext_expires_in": int(life_s),
        "access_token": value,
    }
    if refresh:
        answer["refresh_token"] = refresh.value
    if "openid" in scopes:
        answer["id_token"] = id_token(state, client, person, scopes, nonce)
    if form.get("client_info") == "1":
        answer["client_info"] = client_info(person)
    return answer


def _access_token(person: Person) -> str:
    """Opaque for everybody (C5); a work account's looks like a JWT and a personal one's does not (C7)."""
    if person.is_personal:
        return f"EwB4A8l6BAAU{secrets.token_urlsafe(300)}"
    return ".".join(secrets.token_urlsafe(length) for length in (60, 300, 200))


def id_token(state: State, client: Client, person: Person, scopes: list[str], nonce: str | None) -> str:
    now = int(state.now())
    claims: Json = {
        "aud": client.id,
        "iss": f"{state.base_url}/{person.tid}/v2.0",
        "iat": now,
        "nbf": now,
        "exp": now + _ID_TOKEN_LIFE_S,
        "sub": hashlib.blake2b(f"{client.id} {person.oid}".encode(), digest_size=24).hexdigest(),
        "tid": person.tid,
        "ver": "2.0",
    }
    if "profile" in scopes:
        claims |= {"name": person.name, "preferred_username": person.email, "oid": person.oid}
    if "email" in scopes:
        claims["email"] = person.email
    if nonce:
        claims["nonce"] = nonce
    return signed_token(claims)


def _trim(state: State) -> None:
    """A long life leaves many tokens behind; those that ended are forgotten."""
    now = state.now()
    if len(state.access_tokens) > _TRIM_ABOVE:
        state.access_tokens = {v: t for v, t in state.access_tokens.items() if t.ends_ts > now}
    if len(state.refresh_tokens) > _TRIM_ABOVE:
        for value in list(state.refresh_tokens)[: _TRIM_ABOVE // 2]:
            del state.refresh_tokens[value]


def refresh_access(state: State, client: Client, form: Json) -> Json:
    """The answer to `grant_type=refresh_token`: a new refresh token too; the old one lives on (T1)."""
    if not form.get("refresh_token"):
        raise missing("refresh_token")
    token = state.refresh_tokens.get(form["refresh_token"])
    if token is None or token.client_id != client.id:
        raise Refused.by(refusal("bad_grant", state.switches))
    person = _refreshing_person(state, client, token)
    asked = read_scopes(form.get("scope") or "") or token.scopes
    granted = state.grants.get(client.id, {}).get(person.oid)
    if granted is None or not set(asked) - OPEN_ID <= set(granted):
        raise Refused.by(refusal("no_consent", state.switches))
    if form.get("claims"):
        person.claims_challenge = ""  # the challenge was answered
    renewed = token
    if state.switches.rotates_refresh_tokens:
        renewed = issue_refresh_token(state, client, person, token.scopes, token.signed_in_ts)
    shown = [scope for scope in asked if scope not in client.withheld]
    return issue_tokens(state, client, person, shown, renewed, form)


def _refreshing_person(state: State, client: Client, token: RefreshToken) -> Person:
    """Raises Refused for a token that ended, or an account that is refused on demand."""
    now, switches = state.now(), state.switches
    person = state.persons.get(token.oid)
    if person is None:
        raise Refused.by(refusal("unknown", switches))
    if client.platform == "spa" and token.signed_in_ts + switches.spa_token_life_s <= now:
        raise Refused.by(refusal("spa", switches))
    if token.issued_ts + switches.refresh_token_life_s <= now:
        raise Refused.by(refusal("idle", switches))
    for name in (token.ended_by, person.refusal):
        if name:
            raise on_demand(state, name)
    return person


def on_demand(state: State, name: str) -> Refused:
    row = refusal(name, state.switches)
    headers = {"Retry-After": str(_THROTTLED_FOR_S)} if row.status == 429 else {}
    return Refused.by(row, headers=headers)


def bearer(state: State, header: str) -> AccessToken:
    """The token of a request to Graph. Raises GraphError 401, with a claims challenge where one is due."""
    kind, _, value = header.partition(" ")
    token = state.access_tokens.get(value.strip()) if kind.lower() == "bearer" else None
    if not value:
        raise _unauthorized("InvalidAuthenticationToken", "Access token is empty.")
    if token is None or token.oid not in state.persons:
        raise _unauthorized(
            "InvalidAuthenticationToken", "CompactToken parsing failed with error code: 80049217"
        )
    if token.ends_ts <= state.now():
        raise _unauthorized("InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")
    challenge = state.persons[token.oid].claims_challenge
    if challenge:
        claims = base64.b64encode(challenge.encode()).decode()
        raise _unauthorized(
            "InvalidAuthenticationToken",
            "Continuous access evaluation resulted in challenge with result: InteractionRequired.",
            f', error="insufficient_claims", claims="{claims}"',
        )
    return token


def _unauthorized(code: str, message: str, more: str = "") -> GraphError:
    realm = f'Bearer realm="", client_id="{uuid.UUID(int=0)}"{more}'
    return GraphError(401, code, message, headers={"WWW-Authenticate": realm})
