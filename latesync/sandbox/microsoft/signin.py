"""The authorization request: what is asked, and where it ends (microsoft-graph.md §3)."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from ..signing import unpadded
from .clients import check_admission, check_redirect, client_at
from .errors import Json
from .identity_errors import Refused, Traced, malformed, missing
from .persons import Person
from .scopes import OPEN_ID, read_scopes
from .state import Client, Code, State

_KNOWN = frozenset(
    {
        *("client_id", "response_type", "redirect_uri", "response_mode", "scope", "state", "prompt"),
        *("login_hint", "domain_hint", "code_challenge", "code_challenge_method", "nonce", "client_info"),
        *("claims", "client-request-id", "x-client-SKU", "x-client-Ver", "X-AnchorMailbox"),
    }
)
_PROMPTS = ("login", "none", "consent", "select_account")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # S256: 32 octets
_CODES_KEPT = 500


@dataclass(frozen=True)
class Ask:
    """One authorization request. path: the tenant part of its address (H1)."""

    client: Client
    path: str
    redirect_uri: str
    is_posted: bool
    scopes: tuple[str, ...]
    prompt: str
    state: str | None
    login_hint: str | None
    challenge: str | None
    nonce: str | None
    wants_client_info: bool


@dataclass(frozen=True)
class Return:
    """Where the browser goes next, and with what."""

    uri: str
    is_posted: bool
    fields: Json


def read_ask(state: State, path: str, given: Mapping[str, str]) -> Ask:
    """Raises Refused, which is shown to the person and never reaches the callback."""
    client = client_at(state, given.get("client_id"), path)
    redirect_uri = check_redirect(client, given.get("redirect_uri"))
    _check_form(state, given)
    return Ask(
        client=client,
        path=path,
        redirect_uri=redirect_uri,
        is_posted=given.get("response_mode") == "form_post",
        scopes=tuple(_asked_scopes(given)),
        prompt=given.get("prompt", ""),
        state=given.get("state"),
        login_hint=given.get("login_hint"),
        challenge=_challenge(client, given),
        nonce=given.get("nonce"),
        wants_client_info=given.get("client_info") == "1",
    )


def _check_form(state: State, given: Mapping[str, str]) -> None:
    if not given.get("response_type"):
        raise missing("response_type")
    if given["response_type"] != "code":
        raise Refused(
            700054,
            "unsupported_response_type",
            f"response_type '{given['response_type'][:40]}' is not enabled for the application.",
        )
    if given.get("response_mode", "query") not in ("query", "form_post"):
        raise Refused(
            70007, "invalid_request", "The value of 'response_mode' is not supported when requesting a code."
        )
    if given.get("prompt", "") not in ("", *_PROMPTS):
        raise Refused(
            90023, "invalid_request", "The provided value for the input parameter 'prompt' is not valid."
        )
    unknown = sorted(set(given) - _KNOWN)
    if state.switches.strict_parameters and unknown:
        raise malformed(f"The sandbox knows no parameter {unknown[0][:40]}.")


def _asked_scopes(given: Mapping[str, str]) -> list[str]:
    if not given.get("scope"):
        raise missing("scope")
    return read_scopes(given["scope"])


def _challenge(client: Client, given: Mapping[str, str]) -> str | None:
    challenge = given.get("code_challenge")
    if challenge is None:
        if client.platform == "spa":
            raise Refused(
                9002325,
                "invalid_request",
                "Proof Key for Code Exchange is required for cross-origin authorization code redemption.",
            )
        return None
    if given.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise Refused(501491, "invalid_request", "Invalid size of Code_Challenge parameter, or not S256.")
    return challenge


def hinted_person(state: State, ask: Ask) -> Person | None:
    """The account `login_hint` names, or the only one there is."""
    if ask.prompt == "select_account":
        return None
    if ask.login_hint:
        return state.find_person(ask.login_hint)
    return next(iter(state.persons.values())) if len(state.persons) == 1 else None


def needs_consent(state: State, ask: Ask, person: Person) -> bool:
    granted = state.grants.get(ask.client.id, {}).get(person.oid, [])
    if person.tid in ask.client.admin_consents:
        return False
    return ask.prompt == "consent" or not set(ask.scopes) - OPEN_ID <= set(granted)


def decline(state: State, ask: Ask) -> Return:
    """The person said no (C6)."""
    refused = Refused(
        65004, "access_denied", "User declined to consent to access the app.", suberror="cancel"
    )
    return failure(state, ask, refused)


def failure(state: State, ask: Ask, refused: Refused) -> Return:
    """A refusal that the app is told of."""
    traced = Traced(state.now())
    fields = {
        "error": refused.error,
        "error_description": f"{refused.sentence} {traced.text}",
        "error_uri": f"https://login.microsoftonline.com/error?code={refused.aadsts}",
    }
    if refused.suberror:
        fields["error_subcode"] = refused.suberror
    return _return(ask, fields)


def accept(state: State, ask: Ask, person: Person) -> Return:
    """The callback with a code. Signing in cures what a fresh sign-in can cure. Raises Refused."""
    check_admission(state, ask.client, person, ask.path)
    person.refusal = ""  # what stops a sign-in was met above
    grant(state, ask.client, person, list(ask.scopes))
    value = f"{'M.C5' if person.is_personal else '0.A'}{secrets.token_urlsafe(60)}"
    state.codes[value] = Code(
        client_id=ask.client.id,
        oid=person.oid,
        scopes=list(ask.scopes),
        redirect_uri=ask.redirect_uri,
        tenant=ask.path,
        ends_ts=state.now() + state.switches.code_life_s,
        challenge=ask.challenge,
        nonce=ask.nonce,
    )
    _forget_old_codes(state)
    fields = {"code": value, "session_state": secrets.token_hex(16)}
    if ask.wants_client_info:
        fields["client_info"] = client_info(person)
    return _return(ask, fields)


def grant(state: State, client: Client, person: Person, scopes: list[str]) -> None:
    """Consent, to the listed permissions as a whole (C4)."""
    people = state.grants.setdefault(client.id, {})
    people[person.oid] = list(dict.fromkeys([*people.get(person.oid, []), *scopes]))


def client_info(person: Person) -> str:
    """Whom MSAL caches tokens for (P8)."""
    return unpadded(json.dumps({"uid": person.oid, "utid": person.tid}).encode())


def _forget_old_codes(state: State) -> None:
    if len(state.codes) > _CODES_KEPT:
        for value in list(state.codes)[: _CODES_KEPT // 2]:
            del state.codes[value]


def _return(ask: Ask, fields: Json) -> Return:
    if ask.state is not None:
        fields["state"] = ask.state
    return Return(ask.redirect_uri, ask.is_posted, fields)
