"""App registrations, and who may use them where (microsoft-graph.md §1, §2)."""

import re
import secrets
import uuid
from urllib.parse import urlsplit

from .identity_errors import Refused, missing
from .persons import PERSONAL_TENANT, Person
from .refusals import refusal
from .state import DAY_S, Client, Secret, State

AUDIENCES = (
    "AzureADMyOrg",
    "AzureADMultipleOrgs",
    "AzureADandPersonalMicrosoftAccount",
    "PersonalMicrosoftAccount",
)
PLATFORMS = ("web", "spa", "public")
SHARED_PATHS = ("common", "organizations", "consumers")
_FORBIDDEN = re.compile(r"[!$'(),;*]")  # U2; and no wildcards (U5)
_LONGEST_URI = 256  # U2


def new_secret(now_ts: float, life_days: float) -> Secret:
    """The value looks as Microsoft's do: forty characters, among them "~" and ".". The id is a GUID."""
    value = f"{secrets.token_urlsafe(2)[:3]}8Q~{secrets.token_urlsafe(40)[:33]}."
    return Secret(str(uuid.uuid4()), value, now_ts + life_days * DAY_S)


def check_registration(client: Client) -> None:
    """What the portal refuses to save. Raises ValueError with a sentence."""
    if client.audience not in AUDIENCES:
        raise ValueError(f"An audience is one of {', '.join(AUDIENCES)}.")
    if client.platform not in PLATFORMS:
        raise ValueError(f"A platform is one of {', '.join(PLATFORMS)}.")
    for uri in client.redirect_uris:
        _check_uri(client, uri)


def _check_uri(client: Client, uri: str) -> None:
    parts = urlsplit(uri)
    is_local = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")
    if not (parts.scheme == "https" and parts.hostname) and not is_local:
        raise ValueError("A redirect URI begins with https; with http only on localhost (U1).")
    if len(uri) > _LONGEST_URI or _FORBIDDEN.search(uri):
        raise ValueError("A redirect URI has at most 256 characters and none of ! $ ' ( ) , ; * (U2).")
    if parts.query and "Personal" in client.audience:
        raise ValueError("A redirect URI has no query where personal accounts may sign in (U5).")


def find_tenant(state: State, path: str) -> str | None:
    """The tenant a path names; None for common, organizations, consumers. Raises Refused 90002."""
    if path in SHARED_PATHS:
        return None
    found = state.tenants.get(path.casefold())
    if found is None and path.casefold() in {PERSONAL_TENANT, *state.tenants.values()}:
        found = path.casefold()
    if found is None:
        raise Refused(
            90002,
            "invalid_tenant",
            f"Tenant '{path[:80]}' not found. Check to make sure you have the correct tenant ID "
            "and are signing "
            "into the correct cloud. Check with your subscription administrator, this may "
            "happen if there are "
            "no active subscriptions for the tenant.",
        )
    return found


def client_at(state: State, client_id: str | None, path: str) -> Client:
    """The client as that tenant path knows it (H1, H2). Raises Refused."""
    tid = find_tenant(state, path)
    if not client_id:
        raise missing("client_id")
    client = state.clients.get(client_id)
    if client is None or (client.audience == "AzureADMyOrg" and tid not in (None, client.tid)):
        raise _unknown(client_id, path)
    _check_audience(client, path, tid)
    return client


def _unknown(client_id: str, path: str) -> Refused:
    return Refused(
        700016,
        "unauthorized_client",
        f"Application with identifier '{client_id[:80]}' was not found in the directory "
        f"'{path[:80]}'. This can "
        "happen if the application has not been installed by the administrator of the tenant or "
        "consented to "
        "by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
    )


def _check_audience(client: Client, path: str, tid: str | None) -> None:
    named = f"Application '{client.id}'({client.name})"
    is_consumers = path == "consumers" or tid == PERSONAL_TENANT
    if client.audience == "AzureADMyOrg" and path in ("common", "organizations"):
        raise Refused(
            50194,
            "invalid_request",
            f"{named} is not configured as a multi-tenant application. Usage of the /common "
            "endpoint is not "
            "supported for such apps created after '10/15/2018'. Use a tenant-specific endpoint "
            "or configure "
            "the application to be multi-tenant.",
        )
    if client.audience == "PersonalMicrosoftAccount" and not is_consumers:
        raise Refused(
            9002331,
            "invalid_request",
            f"{named} is configured for use by Microsoft Account users only. Please use the "
            "/consumers endpoint "
            "to serve this request.",
        )
    if client.audience in ("AzureADMyOrg", "AzureADMultipleOrgs") and is_consumers:
        raise Refused(
            9002332,
            "invalid_request",
            f"{named} is configured for use by Azure Active Directory users only. Please do not use the "
            "/consumers endpoint to serve this request.",
        )


def authenticated_client(state: State, client_id: str | None, secret: str | None, path: str) -> Client:
    """The client of a token request. Raises Refused 400 or 401 (§5: 7000215, 7000218, 7000222)."""
    client = client_at(state, client_id, path)
    if client.platform == "public":
        if secret:
            raise Refused(
                700025,
                "invalid_client",
                "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
                status=401,
            )
        return client
    _check_secret(state, client, secret)
    return client


def _check_secret(state: State, client: Client, secret: str | None) -> None:
    if not secret:
        raise Refused.by(refusal("secret_missing", state.switches))
    found = next((one for one in client.secrets if secrets.compare_digest(one.value, secret)), None)
    if found is None:
        raise Refused.by(refusal("wrong_secret", state.switches))
    if found.ends_ts <= state.now():
        raise Refused.by(refusal("secret_expired", state.switches))


def check_redirect(client: Client, uri: str | None) -> str:
    """Where the answer goes (U2-U4). Raises Refused 500113, 50011."""
    if not client.redirect_uris:
        raise Refused(500113, "invalid_request", "No reply address is registered for the application.")
    if not uri:
        raise missing("redirect_uri")
    if not any(_is_same(registered, uri) for registered in client.redirect_uris):
        raise Refused(
            50011,
            "invalid_request",
            f"The redirect URI '{uri[:256]}' specified in the request does not match the redirect URIs "
            f"configured for the application '{client.id}'. Make sure the redirect URI sent in the request "
            "matches one added to your application in the Azure portal. Navigate to "
            "https://aka.ms/redirectUriMismatchError to learn more about how to troubleshoot this.",
        )
    return uri if urlsplit(uri).path else f"{uri}/"


def _is_same(registered: str, uri: str) -> bool:
    """Exactly, but for localhost's port (U3)."""
    if registered == uri:
        return True
    ours, theirs = urlsplit(registered), urlsplit(uri)
    if (ours.scheme, ours.hostname) != ("http", "localhost") or theirs.hostname != "localhost":
        return False
    return ours._replace(netloc="localhost") == theirs._replace(netloc="localhost")


def check_admission(state: State, client: Client, person: Person, path: str) -> None:
    """Raises Refused for an account that may not sign in here (H2; 50020, 50034, 90094 and the rest)."""
    tid = find_tenant(state, path)
    _check_home(client, person, path, tid)
    for name in (person.refusal, client.refusal):
        if name and refusal(name, state.switches).stops_sign_in:
            raise Refused.by(refusal(name, state.switches))
    needs_admin = client.admin_consent_needed or person.admin_consent_needed
    granted = person.oid in state.grants.get(client.id, {})
    if needs_admin and not granted and person.tid not in client.admin_consents:
        raise Refused(
            90094,
            "access_denied",
            f"{client.name} needs permission to access resources in your organization that only "
            "an admin can "
            "grant. Please ask an admin to grant permission to this app before you can use it.",
        )


def _check_home(client: Client, person: Person, path: str, tid: str | None) -> None:
    if path == "consumers" and not person.is_personal:
        raise Refused(
            50034,
            "invalid_grant",
            f"The user account {person.email} does not exist in the consumers directory. To sign into this "
            "application, the account must be added to the directory.",
        )
    is_kept_out = person.is_personal and (path == "organizations" or "Personal" not in client.audience)
    if is_kept_out or tid not in (None, person.tid):
        source = "live.com" if person.is_personal else f"https://sts.windows.net/{person.tid}/"
        raise Refused(
            50020,
            "invalid_grant",
            f"User account '{person.email}' from identity provider '{source}' does not exist in tenant "
            f"'{tid or client.tid}' and cannot access the application '{client.id}'({client.name}) in that "
            "tenant. The account needs to be added as an external user in the tenant first. "
            "Sign out and sign "
            "in again with a different Azure Active Directory user account.",
        )
