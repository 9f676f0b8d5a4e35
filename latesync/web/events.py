"""What events say and look like: choose a service, word it, look at it on a real booking, save."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from latesync.errors import SiteError, WrongInput
from latesync.model import CANCELLED, Booking, EventContent
from latesync.options import COLOURS, EventStatuses
from latesync.plan.event_settings import (
    ALL_SERVICES,
    LONGEST,
    EventSettings,
    parse_reminders,
    parse_settings,
)
from latesync.sentences import event_sentences, invitation_sentences
from latesync.sentences.drift_sentences import span_words
from latesync.sentences.error_sentences import sentence_for
from latesync.store.choices import read_event_statuses, write_event_statuses
from latesync.store.event_settings import read_event_settings
from latesync.sync.event_choices import choose_event_settings, read_event_choices, with_service
from latesync.sync.event_preview import count_rewritten, show_event
from latesync.sync.outbound import read_policy
from latesync.web.context import now, services, zone
from latesync.web.event_invitations import posted_invitations, show_invitations
from latesync.web.viewers import admin_only

blueprint = Blueprint("events", __name__, url_prefix="/settings/events")

MOST_EXAMPLES = 25
_TEXTS = ("summary", "description", "location")
_PLAIN = (*_TEXTS, "privacy", "colour", "visibility", "group")
_STANDARD = "The service’s own wishes are forgotten; its events follow those of all services."
_STANDARD_FOR_ALL = "The standard is back. Services with wishes of their own keep them."


@dataclass(frozen=True)
class _Seen:
    """What a press of “Look first” shows: an event, or why there is none, and what saving would do."""

    content: EventContent | None
    trouble: str = ""
    consequence: str = ""


@blueprint.get("")
@admin_only
def page() -> ResponseReturnValue:
    service_id = _number("service")
    choices = read_event_choices(services().database, services().site_id)
    return _page(service_id, choices.of_service(service_id))


@blueprint.get("/preview")
@blueprint.get("/standard")
@blueprint.get("/statuses")
@admin_only
def back_to_page() -> ResponseReturnValue:
    """For the back button and reloads: these addresses belong to buttons."""
    return redirect(url_for("events.page"))


@blueprint.post("/preview")
@admin_only
def preview() -> ResponseReturnValue:
    """The same page with what was typed, unsaved, as a real booking's event would show it."""
    service_id, before = _number("service"), _before(_number("service"))
    try:
        settings = _posted(before)
    except WrongInput as exc:
        return _page(service_id, _as_typed(before), problem=str(exc)), 422
    return _page(service_id, settings, seen=_look(service_id, settings))


@blueprint.post("")
@admin_only
def save() -> ResponseReturnValue:
    service_id, before = _number("service"), _before(_number("service"))
    try:
        settings = _posted(before)
    except WrongInput as exc:
        return _page(service_id, _as_typed(before), problem=str(exc)), 422
    count = _count(service_id, settings)
    choose_event_settings(services().sync_parts(), service_id, settings)
    flash(event_sentences.saved(count), "success")
    return redirect(url_for("events.page", service=service_id))


@blueprint.post("/standard")
@admin_only
def standard() -> ResponseReturnValue:
    service_id = _number("service")
    choose_event_settings(services().sync_parts(), service_id, None)
    flash(_STANDARD if service_id != ALL_SERVICES else _STANDARD_FOR_ALL, "success")
    return redirect(url_for("events.page", service=service_id))


@blueprint.post("/statuses")
@admin_only
def choose_statuses() -> ResponseReturnValue:
    also = frozenset(request.form.getlist("also")) - {CANCELLED}
    statuses = EventStatuses(also, request.form.get("cancelled") == "keep")
    write_event_statuses(services().database, services().site_id, statuses, now())
    flash(event_sentences.STATUSES_SAVED, "success")
    return redirect(url_for("events.page", _anchor="statuses"))


def _page(
    service_id: int, settings: EventSettings, *, problem: str = "", seen: _Seen | None = None
) -> Response:
    offered, trouble = _services_and_trouble()
    examples = _examples(service_id) if not trouble else []
    own = read_event_settings(services().database, services().site_id)
    choices = read_event_choices(services().database, services().site_id)
    statuses = read_event_statuses(services().database, services().site_id)
    return make_response(
        render_template(
            "events.html",
            service_id=service_id,
            offered=offered,
            own=own,
            settings=settings,
            reminders=", ".join(map(str, settings.reminders or ())),
            typed_reminders=request.form.get("reminders", ""),
            problem=problem,
            trouble=trouble,
            seen=seen,
            seen_when=span_words(seen.content.span, zone()) if seen and seen.content else "",
            examples=[(booking.id, _example_words(booking)) for booking in examples],
            example=_number("example"),
            words=event_sentences,
            invitations=show_invitations(settings, choices),
            invitation_words=invitation_sentences,
            colours=COLOURS,
            longest=LONGEST,
            statuses=statuses,
            offered_statuses=_offered_statuses() if not trouble else [],
        )
    )


def _look(service_id: int, settings: EventSettings) -> _Seen:
    parts = services().sync_parts()
    policy = read_policy(parts)
    then = replace(policy, events=with_service(policy.events, service_id, settings))
    try:
        examples = _examples(service_id)
        chosen = next((one for one in examples if one.id == _number("example")), None)
        shown = chosen or next(iter(examples), None)
        consequence = event_sentences.to_be_rewritten(count_rewritten(parts, then))
        if shown is None:
            return _Seen(None, event_sentences.NO_EXAMPLE, consequence)
        as_if = replace(policy, events=with_service(policy.events, shown.service_id, settings))
        return _Seen(show_event(parts, shown, as_if), consequence=consequence)
    except SiteError as exc:
        return _Seen(None, sentence_for(exc))


def _count(service_id: int, settings: EventSettings) -> int | None:
    """None: the site cannot be read now, and nobody knows."""
    parts = services().sync_parts()
    policy = read_policy(parts)
    try:
        return count_rewritten(
            parts, replace(policy, events=with_service(policy.events, service_id, settings))
        )
    except SiteError:
        return None


def _posted(before: EventSettings) -> EventSettings:
    """Raises WrongInput."""
    form = request.form
    values: dict[str, object] = {name: _text(name) for name in _PLAIN if name in form}
    if form.get("reminders_as") == "own":
        values["reminders"] = parse_reminders(form.get("reminders", ""))
    elif "reminders_as" in form:
        values["reminders"] = None
    return parse_settings({**values, **_posted_switches(form)}, before)


def _posted_switches(form: MultiDict[str, str]) -> dict[str, object]:
    """A switch that is off posts nothing; a hidden field beside it says that it was there."""
    buffers: dict[str, object] = {"buffers": "buffers" in form} if "buffers_shown" in form else {}
    return {**buffers, **posted_invitations(form)}


def _as_typed(before: EventSettings) -> EventSettings:
    """What was typed, wrong as it is, so that nobody types it twice."""
    values = {name: _text(name) for name in _PLAIN if name in request.form and name not in _TEXTS}
    typed = {**values, **_posted_switches(request.form)}
    try:
        chosen = parse_settings(typed, replace(before, summary=EventSettings().summary))
    except WrongInput:
        chosen = before
    reminders = chosen.reminders if request.form.get("reminders_as") != "own" else ()
    return replace(
        chosen,
        summary=_text("summary"),
        description=_text("description"),
        location=_text("location"),
        reminders=reminders,
    )


def _text(name: str) -> str:
    return request.form.get(name, "").replace("\r\n", "\n").strip()  # browsers send a form's lines so


def _before(service_id: int) -> EventSettings:
    return read_event_choices(services().database, services().site_id).of_service(service_id)


def _number(name: str) -> int:
    value = request.values.get(name, "")
    return int(value) if value.isdecimal() and value.isascii() and len(value) < 10 else ALL_SERVICES


def _services_and_trouble() -> tuple[dict[int, str], str]:
    try:
        return services().site.services(), ""
    except SiteError as exc:
        return {}, sentence_for(exc)


def _examples(service_id: int) -> list[Booking]:
    """Raises SiteError."""
    return services().site.next_bookings(MOST_EXAMPLES, service_id=service_id or None)


def _example_words(booking: Booking) -> str:
    return f"{span_words(booking.span, zone())} · {booking.service_name} · {booking.customer_name}"


def _offered_statuses() -> list[tuple[str, str]]:
    """Those an owner may add. Raises SiteError."""
    settings = services().site.facts().settings
    others = (
        status for status in settings.statuses if status not in settings.blocking_statuses | {CANCELLED}
    )
    return [(status, event_sentences.status_words(status)) for status in others]
