"""OAuth clients as the admin registers them, and who may use them (google-calendar.md §1, §2, §7, §8)."""

import re
import secrets

from .errors import Json, PageError, TokenError
from .moments import DAY_S
from .state import Client, State, User

HALF_YEAR_S = 183 * DAY_S
_UNVERIFIED_CAP = 100  # A3
_LOOPBACK = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/.*)?")
IDENTITY_SCOPES = frozenset(
    {
        "openid",
        "https://www.googleapis.com/auth/userinfo.email",
        "https://www.googleapis.com/auth/userinfo.profile",
    }
)


def new_client(project: str, now_ts: float) -> Client:
    number = secrets.randbelow(10**12)
    return Client(
        id=f"{number:012d}-{secrets.token_hex(16)}.apps.googleusercontent.com",
        project=project,
        secrets=[new_secret()],
        redirect_uris=[],
        used_ts=now_ts,
    )


def note_change(state: State, client: Client, redirect_uris_before: list[str]) -> None:
    """A changed list of redirect URIs is in effect after a while only (R9)."""
    if state.switches.settings_take_s and client.redirect_uris != redirect_uris_before:
        client.settles_ts = state.now() + state.switches.settings_take_s
        client.settling_from = redirect_uris_before


def new_secret() -> str:
    return f"GOCSPX-{secrets.token_urlsafe(21)}"


def client_json(state: State, client: Client) -> Json:
    """What Google's console offers for download (J1-J3)."""
    inner: Json = {
        "client_id": client.id,
        "project_id": client.project,
        "auth_uri": f"{state.base_url}/o/oauth2/v2/auth",
        "token_uri": f"{state.base_url}/token",
        "auth_provider_x509_cert_url": f"{state.base_url}/oauth2/v1/certs",
        "client_secret": client.secrets[-1],
    }
    if client.redirect_uris:
        inner["redirect_uris"] = list(client.redirect_uris)
    if client.javascript_origins:
        inner["javascript_origins"] = list(client.javascript_origins)
    return {client.kind: inner}


def live_client(state: State, client_id: str) -> Client:
    """Raises TokenError 401: unknown, not yet in effect, or deleted by hand or for disuse (C3)."""
    client = state.clients.get(client_id)
    if client is None or client.known_from_ts > state.now():
        raise TokenError(401, "invalid_client", "The OAuth client was not found.")
    if state.switches.idle_clients_are_deleted and client.used_ts + HALF_YEAR_S < state.now():
        client.deleted = True
    if client.deleted:
        raise TokenError(401, "deleted_client", "The OAuth client was deleted.")
    return client


def authenticated_client(state: State, client_id: str | None, secret: str | None) -> Client:
    """The client of a token request. Raises TokenError 400 or 401."""
    if not client_id:
        raise TokenError(400, "invalid_request", "Could not determine client ID from request.")
    client = live_client(state, client_id)
    if secret not in client.secrets:
        raise TokenError(401, "invalid_client", "The provided client secret is invalid.")
    client.used_ts = state.now()
    return client


def accepts_redirect(client: Client, uri: str, now_ts: float) -> bool:
    """Exactly as registered (R5) a while ago (R9); desktop clients take any loopback port (R7)."""
    if client.kind == "installed":
        return _LOOPBACK.fullmatch(uri) is not None
    return uri in (client.settling_from if now_ts < client.settles_ts else client.redirect_uris)


def is_unverified(client: Client) -> bool:
    return client.mode == "testing" or (client.mode == "production" and not client.verified)


def is_short_lived(client: Client, scopes: list[str]) -> bool:
    """Whether consent ends after seven days (L4)."""
    return client.mode == "testing" and not set(scopes) <= IDENTITY_SCOPES


def check_admission(client: Client, user: User, scopes: list[str]) -> None:
    """Raises PageError for an account that this app does not let in (§7, A1-A4)."""
    if user.admin_blocks:
        raise PageError(
            400,
            "admin_policy_enforced",
            "Access to your account data is restricted by policies within your organization. Please contact "
            f"the administrator for {user.organisation or 'your organization'} for more information.",
        )
    if client.mode == "internal" and user.organisation != client.organisation:
        raise PageError(403, "org_internal", f"{client.name} is restricted to users within its organization.")
    if set(scopes) <= IDENTITY_SCOPES:
        return
    if user.advanced_protection and is_unverified(client):
        raise PageError(
            400,
            "policy_enforced",
            "Advanced Protection prevented your Google Account from being signed in. This security feature "
            "stops most non-Google apps and services from accessing your data to keep your account "
            "protected.",
        )
    if client.mode == "testing" and user.email not in client.test_users:
        raise PageError(
            403,
            "access_denied",
            f"{client.name} has not completed the Google verification process. The app is currently being"
            " tested, and can only be accessed by developer-approved testers.",
        )
    if client.mode == "production" and not client.verified and user.email not in client.newcomers:
        if len(client.newcomers) >= _UNVERIFIED_CAP:
            raise PageError(
                403,
                "",
                "This app has not been verified yet by Google in order to use Google Sign In.",
                "Sign in with Google temporarily disabled for this app",
            )
        client.newcomers.append(user.email)
