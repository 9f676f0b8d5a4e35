"""Codes and tokens: issuing, refreshing, revoking (google-calendar.md §4, §5, §6). Callers hold the lock."""

import base64
import hashlib
import re
import secrets

from .clients import HALF_YEAR_S, IDENTITY_SCOPES, is_short_lived
from .errors import ApiError, Json, TokenError
from .identity import id_token
from .moments import DAY_S
from .state import AccessToken, Client, Code, RefreshToken, State, User

_WEEK_S = 7 * DAY_S
_TRIM_ABOVE = 5_000
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def exchange_code(state: State, client: Client, form: Json) -> Json:
    """The answer to `grant_type=authorization_code` (T1). Raises TokenError."""
    code = state.codes.get(form.get("code") or "")
    if code is None:
        raise TokenError(400, "invalid_grant", "Malformed auth code.")
    if code.used or code.ends_ts <= state.now() or code.client_id != client.id:
        raise TokenError(400, "invalid_grant", "Bad Request")
    if form.get("redirect_uri") != code.redirect_uri:
        raise TokenError(400, "redirect_uri_mismatch", "Bad Request")
    _check_verifier(code, form.get("code_verifier"))
    code.used = True
    lasting = code.offline and code.consented
    refresh = issue_refresh_token(state, client, code.email, code.scopes) if lasting else None
    return issue_tokens(state, client, state.user(code.email), code.scopes, refresh, nonce=code.nonce)


def _check_verifier(code: Code, verifier: str | None) -> None:
    if code.challenge is None:
        return
    if not verifier:
        raise TokenError(400, "invalid_grant", "Missing code verifier.")
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    made = digest if code.challenge_method == "S256" else verifier
    if not _VERIFIER.fullmatch(verifier) or made != code.challenge:
        raise TokenError(400, "invalid_grant", "Invalid code verifier.")


def issue_refresh_token(state: State, client: Client, email: str, scopes: list[str]) -> RefreshToken:
    """A new one; the oldest of more than a hundred dies silently (L3)."""
    now = state.now()
    token = RefreshToken(
        f"1//0{secrets.token_urlsafe(48)}", client.id, client.project, email, list(scopes), now, now
    )
    if is_short_lived(client, scopes):
        token.ends_ts = now + _WEEK_S
    state.refresh_tokens[token.value] = token
    same = [t for t in state.refresh_tokens.values() if t.client_id == client.id and t.email == email]
    for oldest in same[: max(0, len(same) - state.switches.live_refresh_tokens)]:
        del state.refresh_tokens[oldest.value]
    return token


def issue_tokens(
    state: State,
    client: Client,
    user: User,
    scopes: list[str],
    refresh: RefreshToken | None,
    *,
    nonce: str | None = None,
) -> Json:
    life = state.switches.access_token_life_s
    value = f"ya29.{secrets.token_urlsafe(96)}"
    _trim(state)
    state.access_tokens[value] = AccessToken(
        client.id, client.project, user.email, list(scopes), state.now() + life
    )
    answer: Json = {
        "access_token": value,
        "expires_in": life,
        "scope": " ".join(scopes),
        "token_type": "Bearer",
    }
    if refresh:
        answer["refresh_token"] = refresh.value
        if refresh.ends_ts is not None and state.switches.names_the_end:
            answer["refresh_token_expires_in"] = (
                int(refresh.ends_ts - state.now()) - 1
            )  # 604799, as seen (T4)
    if state.switches.includes_id_token and IDENTITY_SCOPES & set(scopes):
        answer["id_token"] = id_token(client.id, user, scopes, nonce, state.now())
    return answer


def _trim(state: State) -> None:
    if len(state.access_tokens) > _TRIM_ABOVE:
        now = state.now()
        state.access_tokens = {v: t for v, t in state.access_tokens.items() if t.ends_ts > now}


def refresh_access(state: State, client: Client, form: Json) -> Json:
    """The answer to `grant_type=refresh_token` (T7). Raises TokenError, for a dead one `invalid_grant`."""
    token = state.refresh_tokens.get(form.get("refresh_token") or "")
    if token is None or _is_dead(state, token):
        raise TokenError(400, "invalid_grant", "Token has been expired or revoked.")
    if token.client_id != client.id:
        raise TokenError(state.switches.unauthorized_client_status, "unauthorized_client", "Unauthorized")
    user = state.user(token.email)
    if user.needs_reauthentication:
        raise TokenError(400, "invalid_grant", "reauth related error (invalid_rapt)", "invalid_rapt")
    if user.admin_blocks:
        raise TokenError(400, "admin_policy_enforced")
    asked = (form.get("scope") or "").split()
    if not set(asked) <= set(token.scopes):
        raise TokenError(400, "invalid_scope", "Bad Request")  # T9
    token.used_ts = state.now()
    answer = issue_tokens(state, client, user, asked or token.scopes, None)
    if state.switches.refresh_repeats_expiry and token.ends_ts is not None:
        answer["refresh_token_expires_in"] = int(token.ends_ts - state.now())
    return answer


def _is_dead(state: State, token: RefreshToken) -> bool:
    now = state.now()
    if (token.ends_ts is not None and token.ends_ts <= now) or token.used_ts + HALF_YEAR_S < now:
        del state.refresh_tokens[token.value]
        return True
    return token.email not in state.users


def revoke(state: State, value: str) -> None:
    """Every token and scope of this person in the project dies (§6). Raises TokenError when dead already."""
    refresh = state.refresh_tokens.get(value)
    token = refresh or state.access_tokens.get(value)
    if (
        token is None
        or (refresh and _is_dead(state, refresh))
        or (token.ends_ts or state.now() + 1) <= state.now()
    ):
        raise TokenError(400, "invalid_token", "Token expired or revoked")
    revoke_person(state, token.project, token.email)


def revoke_person(state: State, project: str | None, email: str) -> None:
    """project: None means every project, as when the person clears their account page (L1)."""
    ends = state.now() + state.switches.revocation_bites_after_s

    def belongs(token: RefreshToken | AccessToken) -> bool:
        return token.email == email and project in (None, token.project)

    for refresh in list(state.refresh_tokens.values()):
        if belongs(refresh):
            refresh.ends_ts = min(ends, refresh.ends_ts or ends)
    for access in state.access_tokens.values():
        if belongs(access):
            access.ends_ts = min(ends, access.ends_ts)
    for name, people in state.grants.items():
        if project in (None, name):
            people.pop(email, None)


def bearer(state: State, header: str) -> AccessToken:
    """The token of an API request. Raises ApiError 401 `authError`."""
    kind, _, value = header.partition(" ")
    token = state.access_tokens.get(value.strip()) if kind.lower() == "bearer" else None
    if token is None or token.ends_ts <= state.now() or token.email not in state.users:
        raise ApiError(
            401,
            "authError",
            "Invalid Credentials",
            location="Authorization",
            location_type="header",
            headers={
                "WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
            },
        )
    return token
