"""Resets, on the owner's page of an agent and on the agent's own: look first, then ask, watch and cancel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from latesync.consent.flow import open_calendars
from latesync.errors import LateSyncError, SecretUnreadable, WrongInput
from latesync.model import AccountState, Booking
from latesync.options import NextSync, ResetEvents
from latesync.plan.reset import Verdict
from latesync.sentences import reset_sentences
from latesync.sentences.error_sentences import sentence_for
from latesync.sentences.provider_words import PROVIDERS, calendar_product, company
from latesync.store.accounts import AccountRow, active_accounts
from latesync.store.history import Who
from latesync.store.resets import ResetRow, ResetWish, ask_reset, cancel_reset, last_reset
from latesync.sync.reset import Preview, newest_booking_id, read_preview
from latesync.web.connect import agent_only
from latesync.web.context import now, overview, services, zone
from latesync.web.desk import desk
from latesync.web.leaving import deletes, left_out_words, progress_of, require_word, what_is_stuck
from latesync.web.viewers import admin_only

blueprint = Blueprint("reset", __name__)

SHOWN = 100  # lines of a list
LOOK_AGAIN_S = 3
CHOICES = (ResetEvents.KEEP, ResetEvents.DELETE_FROM_CALENDAR, ResetEvents.CLEAR_BUSY, ResetEvents.BOTH)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose reset it is, who asks, and where their page is. provider: "" for all of their accounts."""

    agent_id: int
    who: Who
    name: str | None  # None: the agent's own page
    address: str
    back: str
    leave: str  # where a calendar is disconnected
    provider: str = ""

    @property
    def all_accounts(self) -> list[AccountRow]:
        return active_accounts(services().database, services().site_id, self.agent_id)

    @property
    def accounts(self) -> list[AccountRow]:
        """Those it is about."""
        return [account for account in self.all_accounts if self.provider in ("", account.provider)]


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one account. stuck: what an open job waits for, "" where it goes on."""

    account: AccountRow
    job: ResetRow | None

    @property
    def is_open(self) -> bool:
        return self.job is not None and self.job.is_open

    @property
    def is_connected(self) -> bool:
        return self.account.state is AccountState.CONNECTED

    @property
    def progress(self) -> str:
        return progress_of(self.job, self.account.provider) if self.job else ""

    @property
    def stuck(self) -> str:
        return what_is_stuck(self.account, self.job)

    @property
    def left_out(self) -> str:
        return left_out_words(self.account)

    @property
    def product(self) -> str:
        return calendar_product(self.account.provider)

    @property
    def company(self) -> str:
        return company(self.account.provider)


@blueprint.get("/agents/<int:agent_id>/reset")
@admin_only
def owners(agent_id: int) -> ResponseReturnValue:
    return _page(_owner_asks(agent_id))


@blueprint.post("/agents/<int:agent_id>/reset")
@admin_only
def ask_as_owner(agent_id: int) -> ResponseReturnValue:
    return _ask(_owner_asks(agent_id))


@blueprint.post("/agents/<int:agent_id>/reset/cancel")
@admin_only
def cancel_as_owner(agent_id: int) -> ResponseReturnValue:
    return _cancel(_owner_asks(agent_id))


@blueprint.get("/connect/reset")
@agent_only
def agents(agent_id: int) -> ResponseReturnValue:
    return _page(_agent_asks(agent_id))


@blueprint.post("/connect/reset")
@agent_only
def ask_as_agent(agent_id: int) -> ResponseReturnValue:
    return _ask(_agent_asks(agent_id))


@blueprint.post("/connect/reset/cancel")
@agent_only
def cancel_as_agent(agent_id: int) -> ResponseReturnValue:
    return _cancel(_agent_asks(agent_id))


def _owner_asks(agent_id: int) -> Asked:
    shown = overview(agent_id).agent(agent_id)
    if shown is None:
        abort(404)
    back = url_for("admin.agent", agent_id=agent_id)
    leave = url_for("admin.disconnect_agent", agent_id=agent_id)
    address = url_for("reset.owners", agent_id=agent_id)
    return Asked(agent_id, Who.OWNER, shown.name, address, back, leave, _provider())


def _agent_asks(agent_id: int) -> Asked:
    overview(agent_id)  # for the site's zone
    back, leave = url_for("connect.page"), url_for("connect.ask_disconnect")
    return Asked(agent_id, Who.AGENT, None, url_for("reset.agents"), back, leave, _provider())


def _provider() -> str:
    named = request.values.get("provider", "")
    return named if named in PROVIDERS else ""


def _page(asked: Asked) -> ResponseReturnValue:
    """The choices; with a choice in the address, what it would do; with one under way, how far it is."""
    standings = _standings(asked)
    if not standings:
        return redirect(asked.back)
    idle = [standing for standing in standings if not standing.is_open]
    try:
        previews = _previews(idle) if request.args.get("events") else []
    except LateSyncError as exc:
        flash(_sentence(asked, exc), "error")
        return redirect(_address(asked))
    return render_template(
        "reset.html",
        asked=asked,
        accounts=[(account.provider, calendar_product(account.provider)) for account in asked.all_accounts],
        standings=standings,
        idle=idle,
        look_again_s=LOOK_AGAIN_S,
        events=[(choice.value, reset_sentences.EVENTS[choice]) for choice in CHOICES],
        next_syncs=[(choice.value, words) for choice, words in reset_sentences.NEXT.items()],
        word=reset_sentences.WORD,
        previews=previews,
        preview=previews[0] if previews else None,
        deletes=any(preview["deletes"] for preview in previews),
        offers_doubles=any(preview["offers_doubles"] for preview in previews),
    )


def _ask(asked: Asked) -> ResponseReturnValue:
    """Each account has a job of its own."""
    accounts = [standing.account for standing in _standings(asked) if not standing.is_open] or asked.accounts
    if not accounts:
        return redirect(asked.back)
    try:
        wish = _wish(request.form.get("events", ""), request.form.get("next", ""))
        require_word(wish)
        for account in accounts:
            if deletes(wish) and account.state is not AccountState.CONNECTED:
                raise WrongInput(reset_sentences.signed_out(account.provider))
        for account in accounts:
            ask_reset(services().database, account.id, wish, asked.who, now())
    except WrongInput as exc:
        flash(str(exc), "error")
    else:
        flash(reset_sentences.queued(deletes(wish)), "success")
    return redirect(_address(asked))


def _cancel(asked: Asked) -> ResponseReturnValue:
    accounts = asked.accounts
    if not accounts:
        return redirect(asked.back)
    ended = [cancel_reset(services().database, account.id, asked.who, now()) for account in accounts]
    if any(ended):
        flash(reset_sentences.CANCELLED, "success")
    else:
        flash(reset_sentences.NOTHING_OPEN, "warning")
    return redirect(_address(asked))


def _standings(asked: Asked) -> list[Standing]:
    return [Standing(account, last_reset(services().database, account.id)) for account in asked.accounts]


def _previews(idle: Sequence[Standing]) -> list[dict[str, object]]:
    """Raises WrongInput, SiteError, ProviderError."""
    wish = _wish(request.args.get("events", ""), request.args.get("next", ""))
    return [{"product": standing.product, **_shown(_preview(standing.account, wish))} for standing in idle]


def _address(asked: Asked) -> str:
    return f"{asked.address}?provider={asked.provider}" if asked.provider else asked.address


def _wish(events: str, next_sync: str) -> ResetWish:
    """Raises WrongInput."""
    try:
        chosen = ResetEvents(events)
        next_chosen = NextSync.ALL if chosen is ResetEvents.DOUBLES else NextSync(next_sync)
    except ValueError as exc:
        raise WrongInput(reset_sentences.NOT_A_CHOICE) from exc
    newest = newest_booking_id(services().sync_parts()) if next_chosen is NextSync.NEW else None
    return ResetWish(chosen, next_chosen, newest_booking_id=newest)


def _sentence(asked: Asked, error: LateSyncError) -> str:
    """An agent can neither look after the site's database nor after a provider."""
    if isinstance(error, WrongInput):
        return str(error)
    return sentence_for(error) if asked.who is Who.OWNER else reset_sentences.CANNOT_LOOK


def _preview(account: AccountRow, wish: ResetWish) -> Preview:
    """Raises WrongInput, SiteError, ProviderError."""
    try:
        provider = open_calendars(desk(), account)
    except SecretUnreadable:
        provider = None
    if provider is None or account.state is not AccountState.CONNECTED:
        raise WrongInput(reset_sentences.signed_out(account.provider))
    return read_preview(services().sync_parts(), account, provider, wish)


def _shown(preview: Preview) -> dict[str, object]:
    """What the template shows of it."""
    plan, wish = preview.plan, preview.wish
    lists = {
        "deleted": [_event_line(verdict) for verdict in plan.deletions],
        "left": [_event_line(verdict) for verdict in plan.untouched],
        "left_out": [_booking_line(booking) for booking in preview.bookings.left_out],
        "coming": [_booking_line(booking) for booking in preview.bookings.coming],
    }
    return {
        "events": wish.events.value,
        "next": wish.next.value,
        "lines": reset_sentences.summary(wish.events, wish.next, preview.counts),
        "deletes": deletes(wish) and bool(plan.deletions),
        "offers_doubles": bool(plan.doubles) and not deletes(wish),
        "lists": {name: lines[:SHOWN] for name, lines in lists.items()},
        "more": {name: max(0, len(lines) - SHOWN) for name, lines in lists.items()},
    }


def _event_line(verdict: Verdict) -> str:
    starts_at = verdict.event.starts_at
    return reset_sentences.event_line(verdict.because.value, verdict.booking_id, starts_at, zone())


def _booking_line(booking: Booking) -> str:
    return reset_sentences.booking_line(booking.id, booking.span, zone())
