"""Google's sign-in over HTTP.

The sign-in page posts to its own address with these fields:
    account   the address chosen
    decision  `allow` or `cancel`; without it the consent page is shown first, where one is due
    scope     repeated: the optional permissions left ticked
    warned    `yes` once the warning of an unverified app was passed, where that page is switched on
"""

import base64
import binascii
from collections.abc import Callable

from flask import Blueprint, Request, Response, jsonify, make_response, redirect, request

from ..signing import public_keys
from .clients import authenticated_client, check_admission, is_unverified
from .errors import ApiError, Json, PageError, TokenError
from .grants import bearer, exchange_code, refresh_access, revoke
from .identity import claims_of
from .pages import choose_page, consent_page, error_page, unverified_page
from .signin import Ask, accept, check_browser, decline, hinted_user, needs_consent, read_ask
from .state import State, User


def oauth_pages(state: State) -> Blueprint:
    pages = Blueprint("oauth", __name__)

    @pages.get("/o/oauth2/v2/auth")
    @pages.get("/o/oauth2/auth")
    def ask_for_access() -> Response:
        with state.changing():
            return _guarded(lambda: _asked(state, _read_ask(state)))

    @pages.post("/o/oauth2/v2/auth")
    @pages.post("/o/oauth2/auth")
    def answer_request() -> Response:
        with state.changing():
            return _guarded(lambda: _answered(state, _read_ask(state)))

    @pages.post("/token")
    def give_token() -> Response:
        with state.changing():
            return _token_answer(lambda: _give_token(state, request))

    @pages.route("/revoke", methods=["POST", "GET"])
    def revoke_token() -> Response:
        with state.changing():
            return _token_answer(lambda: _revoke(state, request))

    @pages.get("/userinfo")
    def tell_who() -> Response:
        with state.lock:
            try:
                token = bearer(state, request.headers.get("Authorization", ""))
            except ApiError as error:
                return _json(
                    {"error": "invalid_request", "error_description": "Invalid Credentials"}, error.status
                )
            return _json(claims_of(state.user(token.email), token.scopes), 200)

    @pages.get("/oauth2/v3/certs")
    def show_keys() -> Response:
        return _json(public_keys(), 200)

    return pages


def _read_ask(state: State) -> Ask:
    check_browser(request.headers.get("User-Agent", ""))
    return read_ask(state, request.args)


def _asked(state: State, ask: Ask) -> Response:
    user = hinted_user(state, ask)
    automatic = user or next(iter(state.users.values()), None)
    if automatic and (state.switches.auto_consent or automatic.auto_consent):
        return _automatic(state, ask, automatic)
    if "none" in ask.prompts:
        silent = user is not None and not needs_consent(state, ask, user)
        if user is None or not silent:
            return _go(decline(ask, "interaction_required"))
        return _go(accept(state, ask, user, set(ask.scopes), consented=False))
    if user is None or "select_account" in ask.prompts:
        return _html(choose_page(state, ask, request.url))
    return _consent_or_go(state, ask, user)


def _automatic(state: State, ask: Ask, user: User) -> Response:
    if user.declines:
        return _go(decline(ask))
    ticked = set(ask.scopes) - set(user.unticks)
    return _go(accept(state, ask, user, ticked, consented=needs_consent(state, ask, user)))


def _answered(state: State, ask: Ask) -> Response:
    user = state.users.get(request.form.get("account", ""))
    if request.form.get("decision") == "cancel":
        return _go(decline(ask))
    if user is None:
        return _html(choose_page(state, ask, request.url))
    if request.form.get("decision") != "allow":
        return _consent_or_go(state, ask, user)
    return _go(accept(state, ask, user, set(request.form.getlist("scope")), consented=True))


def _consent_or_go(state: State, ask: Ask, user: User) -> Response:
    if needs_consent(state, ask, user):
        check_admission(ask.client, user, list(ask.scopes))
        if _needs_warning(state, ask):
            return _html(unverified_page(ask, user, request.url))
        return _html(consent_page(state, ask, user, request.url))
    return _go(accept(state, ask, user, set(ask.scopes), consented=False))


def _needs_warning(state: State, ask: Ask) -> bool:
    warns = state.switches.warns_of_unverified_apps and is_unverified(ask.client)
    return warns and not request.form.get("warned")


def _give_token(state: State, asked: Request) -> Json:
    form = asked.form.to_dict()
    client_id, secret = _basic(asked) or (form.get("client_id"), form.get("client_secret"))
    client = authenticated_client(state, client_id, secret)
    kind = form.get("grant_type")
    if kind == "authorization_code":
        return exchange_code(state, client, form)
    if kind == "refresh_token":
        return refresh_access(state, client, form)
    if not kind:
        raise TokenError(400, "invalid_request", "Required parameter is missing: grant_type")
    raise TokenError(400, "unsupported_grant_type", f"Invalid grant_type: {kind[:40]}")


def _basic(asked: Request) -> tuple[str, str] | None:
    """Client id and secret by HTTP Basic; both ways are in use (P7)."""
    kind, _, value = asked.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return name, secret


def _revoke(state: State, asked: Request) -> Json:
    value = asked.form.get("token") or asked.args.get("token")
    if not value:
        raise TokenError(400, "invalid_request", "Required parameter is missing: token")
    revoke(state, value)
    return {}


def _guarded(make: Callable[[], Response]) -> Response:
    try:
        return make()
    except PageError as error:
        return _html(error_page(error), error.status)


def _token_answer(make: Callable[[], Json]) -> Response:
    try:
        return _json(make(), 200)
    except TokenError as error:
        return _json(error.body(), error.status)


def _json(body: Json, status: int) -> Response:
    answer = jsonify(body)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _html(text: str, status: int = 200) -> Response:
    return make_response(text, status)


def _go(url: str) -> Response:
    return make_response(redirect(url))
