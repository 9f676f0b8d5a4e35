"""The page behind a mail's button: whose calendar, which account, why, and the one button to its provider.

An invitation has a button for each provider the owner has set up.

It is all that a mail's link opens. The mail may be read by others, so nothing else is said here.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from latesync.consent.flow import begin_sign_in
from latesync.consent.lifetimes import read_lifetimes
from latesync.consent.renewal import Standing, standing_of
from latesync.errors import SignInRefused, SiteError, WrongInput
from latesync.latepoint.settings import read_agents
from latesync.messages import Message
from latesync.model import AccountState, Agent
from latesync.notify.language import Language
from latesync.notify.texts import language_of, match_language, site_language
from latesync.sentences import sign_in_sentences
from latesync.sentences.provider_words import PROVIDERS, companies, company
from latesync.store.accounts import AccountRow, active_accounts
from latesync.times import Zone
from latesync.web.context import now, services, zone
from latesync.web.desk import desk
from latesync.web.done import is_just_back
from latesync.web.problems import message_page
from latesync.web.providers import usable_providers
from latesync.web.viewers import Viewer, browser_nonce, current_viewer

blueprint = Blueprint("renew", __name__, url_prefix="/connect")

_OURSELVES = "LateSync"  # where the site's name cannot be read


@dataclass(frozen=True, slots=True)
class Place:
    """The agent and the site as the booking site has them; agent None: it does not say now."""

    agent: Agent | None
    is_gone: bool
    site_name: str
    language: str | None
    zone: Zone


@blueprint.get("/renew")
def page() -> ResponseReturnValue:
    viewer = current_viewer()
    agent_id = viewer.may_sign_in
    if agent_id is None:
        return message_page(sign_in_sentences.LINK_SESSION_OVER, 403)
    account, place = _account(viewer), _read_place(agent_id)
    if viewer.renewal is None and (account is None or is_just_back(account)):
        # The back button after the return: who has signed in has pages of their own.
        return redirect(url_for("connect.page" if account is None else "done.page"))
    language = _language(account, place)
    return _refusal(viewer, account, place, language) or _shown(account, place, language)


@blueprint.post("/renew")
def begin() -> ResponseReturnValue:
    viewer = current_viewer()
    agent_id = viewer.may_sign_in
    if agent_id is None:
        return message_page(sign_in_sentences.LINK_SESSION_OVER, 403)
    account, place = _account(viewer), _read_place(agent_id)
    refusal = _refusal(viewer, account, place, _language(account, place))
    if refusal is not None:
        return refusal
    named = request.form.get("provider", "")
    provider = account.provider if account else named if named in PROVIDERS else _offered(None)[0]
    try:
        return redirect(begin_sign_in(desk(), agent_id, browser_nonce(), provider))
    except SignInRefused as refused:
        return message_page(sign_in_sentences.sign_in_refused(refused.code, provider=provider), 409)


def _account(viewer: Viewer) -> AccountRow | None:
    """The one the mail was about, as long as it is active; else the one that takes the bookings."""
    accounts = active_accounts(services().database, services().site_id, viewer.may_sign_in or 0)
    meant = viewer.renewal.account_id if viewer.renewal else 0
    return next((account for account in accounts if account.id == meant), next(iter(accounts), None))


def _offered(account: AccountRow | None) -> tuple[str, ...]:
    """The providers whose buttons are shown: never none, so that the page says what is missing."""
    return (account.provider,) if account else usable_providers() or PROVIDERS[:1]


def _refusal(
    viewer: Viewer, account: AccountRow | None, place: Place, language: Language
) -> ResponseReturnValue | None:
    """Why the button would lead nowhere; None when it leads to a provider."""
    if place.is_gone:
        return message_page(sign_in_sentences.AGENT_GONE, 404, ())
    if viewer.renewal is None:
        return None
    words = language.renew_page
    match standing_of(viewer.renewal, account):
        case Standing.DONE:
            done = Message(words.done_title, words.done_text)
            return message_page(done, 200, (), language=language.code)
        case Standing.OVER:
            text = words.used_text.format(site=place.site_name)
            used = Message(words.used_title, text)
            return message_page(used, 410, (), language=language.code)
    return None


def _shown(account: AccountRow | None, place: Place, language: Language) -> str:
    words, offered = language.renew_page, _offered(account)
    name = companies(offered)
    return render_template(
        "renew.html",
        page_language=language.code,
        title=words.title if account else words.title_first,
        agent_name=place.agent.name if place.agent else None,
        site_name=place.site_name,
        why=_why(account, place, language),
        lead=(words.lead if account else words.lead_first).format(provider=name),
        choose_account=words.account.split("{email}") if account else None,
        email=sign_in_sentences.masked(account.email) if account else None,
        buttons=[(each, language.sign_in.format(provider=company(each))) for each in offered],
        no_password=words.no_password.format(provider=name),
        nothing_lost=words.nothing_lost if account else None,
    )


def _why(account: AccountRow | None, place: Place, language: Language) -> str | None:
    """Why a new sign-in is asked for, as the mail said; None where nobody asks for one."""
    if account is None:
        return None
    words, name = language.renew_page, company(account.provider)
    if account.state is AccountState.NEEDS_SIGN_IN:
        return words.why_ended.format(provider=name)
    lifetimes = read_lifetimes(services().database, services().site_id, account.provider, now())
    ends_at = lifetimes.end_of(account, now()).at
    if ends_at is not None and ends_at > now():
        return words.why_ending.format(provider=name, ends=language.moment_words(ends_at, place.zone))
    if lifetimes.has_new_client(account):
        return words.why_new_client.format(provider=name, site=place.site_name)
    return None


def _read_place(agent_id: int) -> Place:
    try:
        facts = services().site.facts()
        agents = read_agents(services().site_engine, facts.schema)
    except (SiteError, WrongInput):  # nobody is kept from signing in by that
        return Place(None, False, _OURSELVES, None, zone())
    found = next((agent for agent in agents if agent.id == agent_id), None)
    settings = facts.settings
    return Place(
        found,
        found is None,
        settings.site_name or _OURSELVES,
        site_language(settings.language),
        settings.zone,
    )


def _language(account: AccountRow | None, place: Place) -> Language:
    """The agent's where it is known, else this browser's, else the site's."""
    known = account.language if account else None
    asked = match_language(request.headers.get("Accept-Language"))
    return language_of(known or asked or place.language)
