"""Microsoft's sign-in over HTTP.

The sign-in page posts to its own address with these fields:
    account   the address chosen
    decision  `accept` or `cancel`; without it the consent page is shown first, where one is due
"""

import base64
import binascii
import json
from collections.abc import Callable
from urllib.parse import unquote, urlencode

from flask import Blueprint, Request, Response, make_response, redirect, request

from ..signing import public_keys
from .clients import authenticated_client, check_admission, check_redirect, client_at, find_tenant
from .errors import Json
from .identity_errors import Refused, Traced, malformed, missing
from .pages import admin_page, choose_page, consent_page, error_page, posting_page
from .persons import Person
from .refusals import refusal
from .signin import Ask, Return, accept, decline, failure, hinted_person, needs_consent, read_ask
from .state import State
from .tokens import exchange_code, on_demand, refresh_access

_TOKEN_FIELDS = frozenset(
    {
        *("client_id", "client_secret", "grant_type", "code", "redirect_uri", "code_verifier", "scope"),
        *("refresh_token", "client_info", "claims"),
    }
)
_AUTHORIZE = "/<path>/oauth2/v2.0/authorize"


def identity_pages(state: State) -> Blueprint:
    pages = Blueprint("identity", __name__)
    _document_routes(state, pages)

    @pages.get(_AUTHORIZE)
    def ask_for_access(path: str) -> Response:
        with state.changing():
            return _guarded(state, lambda: _asked(state, read_ask(state, path, request.args)))

    @pages.post(_AUTHORIZE)
    def answer_request(path: str) -> Response:
        with state.changing():
            return _guarded(state, lambda: _answered(state, read_ask(state, path, request.args)))

    @pages.post("/<path>/oauth2/v2.0/token")
    def give_token(path: str) -> Response:
        with state.changing():
            return _token_answer(state, lambda: _give_token(state, path, request))

    @pages.route("/<path>/adminconsent", methods=["GET", "POST"])
    def agree_for_everybody(path: str) -> Response:
        with state.changing():
            return _guarded(state, lambda: _admin_consent(state, path))

    return pages


def _document_routes(state: State, pages: Blueprint) -> None:
    @pages.get("/<path>/v2.0/.well-known/openid-configuration")
    def show_configuration(path: str) -> Response:
        with state.lock:
            return _token_answer(state, lambda: _configuration(state, path))

    @pages.get("/<path>/discovery/v2.0/keys")
    def show_keys(path: str) -> Response:
        return _json(public_keys(), 200)

    @pages.get("/common/discovery/instance")
    def show_instances() -> Response:
        """Which hosts are one cloud (P2)."""
        alias = "login.microsoftonline.com"
        known = {"preferred_network": alias, "preferred_cache": "login.windows.net", "aliases": [alias]}
        address = f"{state.base_url}/common/v2.0/.well-known/openid-configuration"
        return _json({"tenant_discovery_endpoint": address, "metadata": [known]}, 200)


def _configuration(state: State, path: str) -> Json:
    """The token endpoint is under the world's address; the page may be elsewhere, over plain HTTP (P3)."""
    tid = find_tenant(state, path) or "{tenantid}"
    base, page = f"{state.base_url}/{path}", f"{state.page_url or state.base_url}/{path}"
    return {
        "authorization_endpoint": f"{page}/oauth2/v2.0/authorize",
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "issuer": f"{state.base_url}/{tid}/v2.0",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "response_modes_supported": ["query", "form_post"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "tenant_region_scope": None,
    }


def _asked(state: State, ask: Ask) -> Response:
    person = hinted_person(state, ask)
    automatic = person or next(iter(state.persons.values()), None)
    if automatic and (state.switches.auto_consent or automatic.auto_consent):
        return _go(decline(state, ask) if automatic.declines else accept(state, ask, automatic))
    if ask.prompt == "none":
        return _go(_silent(state, ask, person))
    if person is None:
        return _html(choose_page(state, ask, request.url))
    return _consent_or_go(state, ask, person)


def _silent(state: State, ask: Ask, person: Person | None) -> Return:
    if person is None:
        text = "Silent sign-in was requested but no user is signed in."
        return failure(state, ask, Refused(50058, "login_required", text))
    if needs_consent(state, ask, person):
        return failure(state, ask, Refused.by(refusal("no_consent", state.switches)))
    return accept(state, ask, person)


def _answered(state: State, ask: Ask) -> Response:
    if request.form.get("decision") == "cancel":
        return _go(decline(state, ask))
    person = state.find_person(request.form.get("account", ""))
    if person is None:
        return _html(choose_page(state, ask, request.url))
    if request.form.get("decision") != "accept":
        return _consent_or_go(state, ask, person)
    return _go(accept(state, ask, person))


def _consent_or_go(state: State, ask: Ask, person: Person) -> Response:
    check_admission(state, ask.client, person, ask.path)
    if needs_consent(state, ask, person):
        return _html(consent_page(state, ask, person, request.url))
    return _go(accept(state, ask, person))


def _give_token(state: State, path: str, asked: Request) -> Json:
    form = asked.form.to_dict()
    unknown = sorted(set(form) - _TOKEN_FIELDS)
    if state.switches.strict_parameters and unknown:
        raise malformed(f"The sandbox knows no field {unknown[0][:40]}.")
    client_id, secret = _basic(asked) or (form.get("client_id"), form.get("client_secret"))
    client = authenticated_client(state, client_id, secret, path)
    if client.refusal:
        raise on_demand(state, client.refusal)
    if not form.get("grant_type"):
        raise missing("grant_type")
    if form["grant_type"] == "authorization_code":
        return exchange_code(state, client, path, form)
    if form["grant_type"] == "refresh_token":
        return refresh_access(state, client, form)
    raise Refused(
        70003,
        "unsupported_grant_type",
        f"The app requested an unsupported grant type '{form['grant_type'][:40]}'.",
    )


def _basic(asked: Request) -> tuple[str, str] | None:
    kind, _, value = asked.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise malformed() from error
    return unquote(name), unquote(secret)


def _admin_consent(state: State, path: str) -> Response:
    """An administrator agrees for a whole tenant (90094)."""
    client = client_at(state, request.args.get("client_id"), path)
    tid = find_tenant(state, path) or client.tid
    if request.method == "GET":
        return _html(admin_page(client, request.url))
    client.admin_consents = list(dict.fromkeys([*client.admin_consents, tid]))
    if not request.args.get("redirect_uri"):
        return _html(admin_page(client, request.url, is_done=True))
    uri = check_redirect(client, request.args["redirect_uri"])
    fields = {"admin_consent": "True", "tenant": tid}
    if "state" in request.args:
        fields["state"] = request.args["state"]
    return _go(Return(uri, is_posted=False, fields=fields))


def _guarded(state: State, act: Callable[[], Response]) -> Response:
    """Refusals are shown to the person; the callback never hears of them."""
    try:
        return act()
    except Refused as refused:
        return make_response(error_page(refused, Traced(state.now()), request.url), 400)


def _token_answer(state: State, act: Callable[[], Json]) -> Response:
    try:
        return _json(act(), 200)
    except Refused as refused:
        body = refused.body(state.now(), request.headers.get("client-request-id", ""))
        response = _json(body, refused.status)
        response.headers.extend(refused.headers)
        return response


def _go(where: Return) -> Response:
    if where.is_posted:
        return _html(posting_page(where))
    joint = "&" if "?" in where.uri else "?"
    return make_response(redirect(f"{where.uri}{joint}{urlencode(where.fields)}"))


def _html(page: str) -> Response:
    return make_response(page)


def _json(body: Json, status: int) -> Response:
    headers = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}
    return Response(json.dumps(body), status, headers, content_type="application/json; charset=utf-8")
