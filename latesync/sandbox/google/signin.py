"""The authorization request: what is asked, and where it ends (google-calendar.md §3, §7)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from .checking import api
from .clients import IDENTITY_SCOPES, accepts_redirect, check_admission, live_client
from .errors import Json, PageError, TokenError
from .state import Client, Code, State, User

_PREFIX = "https://www.googleapis.com/auth/"
_ALIASES = {"email": f"{_PREFIX}userinfo.email", "profile": f"{_PREFIX}userinfo.profile"}


@dataclass(frozen=True)
class Ask:
    """One authorization request."""

    client: Client
    redirect_uri: str
    scopes: tuple[str, ...]
    offline: bool
    prompts: frozenset[str]
    state: str | None
    login_hint: str | None
    challenge: str | None
    challenge_method: str
    include_granted: bool
    nonce: str | None

    @property
    def optional_scopes(self) -> tuple[str, ...]:
        """Permissions with a tick box: none when only one is asked for (T8)."""
        if len(self.scopes) < 2:
            return ()
        return tuple(scope for scope in self.scopes if scope not in IDENTITY_SCOPES)


def read_ask(state: State, given: Mapping[str, str]) -> Ask:
    """Raises PageError, which is shown to the person and never reaches the callback."""
    for name in ("client_id", "redirect_uri", "response_type", "scope"):
        if not given.get(name):
            raise PageError(400, "invalid_request", f"Required parameter is missing: {name}")
    client = _client(state, given["client_id"])
    if given["response_type"] != "code":
        _refuse_browser_flow(client, given["redirect_uri"])
    if not accepts_redirect(client, given["redirect_uri"], state.now()):
        raise PageError(
            400,
            "redirect_uri_mismatch",
            "You can't sign in because this app sent an invalid request. If you develop the app, register the"
            " redirect URI in the Google Cloud Console.",
        )
    return Ask(
        client=client,
        redirect_uri=given["redirect_uri"],
        scopes=_scopes(given["scope"]),
        offline=given.get("access_type") == "offline",
        prompts=frozenset((given.get("prompt") or "").split()),
        state=given.get("state"),
        login_hint=given.get("login_hint"),
        challenge=given.get("code_challenge"),
        challenge_method=given.get("code_challenge_method") or "plain",
        include_granted=given.get("include_granted_scopes") == "true",
        nonce=given.get("nonce"),
    )


def check_browser(user_agent: str) -> None:
    """Raises PageError for the window of an app (§7): Android's web view, or one of iOS' without Safari."""
    is_apples = "AppleWebKit" in user_agent and "Mobile/" in user_agent
    if "; wv)" in user_agent or (is_apples and "Safari/" not in user_agent):
        raise PageError(
            403,
            "disallowed_useragent",
            "You can't sign in from this screen because this app doesn't comply with Google's secure browsers"
            " policy. If this app has a website, you can open a web browser and try signing in from there.",
        )


def _refuse_browser_flow(client: Client, redirect_uri: str) -> None:
    """Flows that end in the browser need a registered origin (R8); the sandbox offers none of them."""
    parts = urlsplit(redirect_uri)
    if f"{parts.scheme}://{parts.netloc}" not in client.javascript_origins:
        raise PageError(
            400,
            "origin_mismatch",
            "You can't sign in to this app because it doesn't comply with Google's OAuth 2.0 policy. If "
            "you're the app developer, register the JavaScript origin in the Google Cloud Console.",
        )
    raise PageError(400, "invalid_request", "This sandbox offers response_type=code only.")


def _client(state: State, client_id: str) -> Client:
    try:
        return live_client(state, client_id)
    except TokenError as error:
        raise PageError(401, error.error, error.description or "") from error


def _scopes(text: str) -> tuple[str, ...]:
    known = {scope for method in api().methods.values() for scope in method.scopes}
    scopes = dict.fromkeys(_ALIASES.get(scope, scope) for scope in text.split())
    wrong = [s for s in scopes if s not in IDENTITY_SCOPES and s.removeprefix(_PREFIX) not in known]
    wrong += [s for s in scopes if s not in IDENTITY_SCOPES and not s.startswith(_PREFIX)]
    if wrong:
        raise PageError(400, "invalid_scope", f"Some requested scopes were invalid. {{invalid={wrong}}}")
    return tuple(scopes)


def hinted_user(state: State, ask: Ask) -> User | None:
    """The account `login_hint` names (an address or a `sub`), or the only one there is."""
    for user in state.users.values():
        if ask.login_hint in (user.email, user.sub):
            return user
    return next(iter(state.users.values())) if len(state.users) == 1 else None


def needs_consent(state: State, ask: Ask, user: User) -> bool:
    granted = state.grants.get(ask.client.project, {}).get(user.email, [])
    return "consent" in ask.prompts or not set(ask.scopes) <= set(granted)


def decline(ask: Ask, error: str = "access_denied") -> str:
    return _callback(ask, {"error": error})


def accept(state: State, ask: Ask, user: User, ticked: set[str], *, consented: bool) -> str:
    """Where the browser goes next: the callback with a code, or with an error. Raises PageError.

    ticked: of the optional scopes, those the person left ticked.
    """
    check_admission(ask.client, user, list(ask.scopes))
    granted = [scope for scope in ask.scopes if scope in ticked or scope not in ask.optional_scopes]
    if not granted:
        return decline(ask)
    people = state.grants.setdefault(ask.client.project, {})
    before = people.get(user.email, [])
    people[user.email] = list(dict.fromkeys([*before, *granted]))
    if ask.include_granted:
        granted = people[user.email]
    value = f"4/0{secrets.token_urlsafe(48)}"
    state.codes[value] = Code(
        client_id=ask.client.id,
        email=user.email,
        scopes=granted,
        redirect_uri=ask.redirect_uri,
        ends_ts=state.now() + state.switches.code_life_s,
        offline=ask.offline,
        consented=consented,
        challenge=ask.challenge,
        challenge_method=ask.challenge_method,
        nonce=ask.nonce,
    )
    _forget_old_codes(state)
    return _callback(ask, {"code": value, "scope": " ".join(granted), "authuser": "0"})


def _forget_old_codes(state: State) -> None:
    if len(state.codes) > 500:
        for value in list(state.codes)[:250]:
            del state.codes[value]


def _callback(ask: Ask, answer: Json) -> str:
    if ask.state is not None:
        answer["state"] = ask.state
    joint = "&" if "?" in ask.redirect_uri else "?"
    return f"{ask.redirect_uri}{joint}{urlencode(answer)}"
