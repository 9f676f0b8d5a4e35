"""Resets, on the owner's page of an agent and on the agent's own: look first, then ask, watch and cancel."""

from __future__ import annotations

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
from latesync.store.accounts import AccountRow, active_account
from latesync.store.history import Who
from latesync.store.resets import ResetWish, ask_reset, cancel_reset, last_reset
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
    """Whose reset it is, who asks, and where their page is."""

    agent_id: int
    who: Who
    name: str | None  # None: the agent's own page
    address: str
    back: str
    leave: str  # where the calendar is disconnected

    @property
    def account(self) -> AccountRow | None:
        return active_account(services().database, services().site_id, self.agent_id)


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
    return Asked(agent_id, Who.OWNER, shown.name, url_for("reset.owners", agent_id=agent_id), back, leave)


def _agent_asks(agent_id: int) -> Asked:
    overview(agent_id)  # for the site's zone
    back, leave = url_for("connect.page"), url_for("connect.ask_disconnect")
    return Asked(agent_id, Who.AGENT, None, url_for("reset.agents"), back, leave)


def _page(asked: Asked) -> ResponseReturnValue:
    """The choices; with a choice in the address, what it would do; with one under way, how far it is."""
    account = asked.account
    if account is None:
        return redirect(asked.back)
    job = last_reset(services().database, account.id)
    preview = None
    if not (job and job.is_open) and request.args.get("events"):
        try:
            preview = _preview(account, _wish(request.args.get("events", ""), request.args.get("next", "")))
        except LateSyncError as exc:
            flash(_sentence(asked, exc), "error")
            return redirect(asked.address)
    return render_template(
        "reset.html",
        asked=asked,
        account_is_connected=account.state is AccountState.CONNECTED,
        job=job,
        progress=progress_of(job) if job else "",
        stuck=what_is_stuck(account, job),
        look_again_s=LOOK_AGAIN_S,
        events=[(choice.value, reset_sentences.EVENTS[choice]) for choice in CHOICES],
        next_syncs=[(choice.value, words) for choice, words in reset_sentences.NEXT.items()],
        left_out=left_out_words(account),
        word=reset_sentences.WORD,
        preview=_shown(preview) if preview else None,
    )


def _ask(asked: Asked) -> ResponseReturnValue:
    account = asked.account
    if account is None:
        return redirect(asked.back)
    try:
        wish = _wish(request.form.get("events", ""), request.form.get("next", ""))
        require_word(wish)
        if deletes(wish) and account.state is not AccountState.CONNECTED:
            raise WrongInput(reset_sentences.SIGNED_OUT)
        ask_reset(services().database, account.id, wish, asked.who, now())
    except WrongInput as exc:
        flash(str(exc), "error")
    else:
        flash(reset_sentences.queued(deletes(wish)), "success")
    return redirect(asked.address)


def _cancel(asked: Asked) -> ResponseReturnValue:
    account = asked.account
    if account is None:
        return redirect(asked.back)
    if cancel_reset(services().database, account.id, asked.who, now()):
        flash(reset_sentences.CANCELLED, "success")
    else:
        flash(reset_sentences.NOTHING_OPEN, "warning")
    return redirect(asked.address)


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
    """An agent can neither look after the site's database nor after Google."""
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
        raise WrongInput(reset_sentences.SIGNED_OUT)
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
