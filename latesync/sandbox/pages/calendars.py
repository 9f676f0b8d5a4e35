"""The pretend calendars, Google's and Outlook: a week, an event, and what a person can do there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import cast

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from latesync.sandbox.google.world import GoogleWorld
from latesync.sandbox.microsoft.world import MicrosoftWorld

from .agenda import ZONE, EnteredTimes, Entry, GoogleCalendar, PersonsCalendar
from .links import read_links
from .outlook import OutlookCalendar

calendars = Blueprint("calendars", __name__, url_prefix="/calendars")
View = str | AnyResponse


class NotUnderstood(Exception):
    """The form cannot be used; the text says why."""


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    is_connected: bool
    calendar: PersonsCalendar


def world() -> GoogleWorld:
    return cast(GoogleWorld, current_app.config["WORLD"])


def microsoft() -> MicrosoftWorld | None:
    return cast(MicrosoftWorld | None, current_app.config["MICROSOFT"])


def people() -> list[Person]:
    """Everybody with an account here, Google's first, in the order they were added."""
    google, outlook = world(), microsoft()
    with google.lock:
        found = [
            Person(user.email, user.name, google.is_let_in(user.email), GoogleCalendar(google, user.email))
            for user in google.users.values()
        ]
    if outlook is None:
        return found
    with outlook.lock:
        return found + [
            Person(one.email, one.name, outlook.is_let_in(one.oid), OutlookCalendar(outlook, one.email))
            for one in outlook.persons.values()
        ]


@calendars.get("/")
def first() -> View:
    return redirect(url_for("calendars.week", email=people()[0].email))


@calendars.get("/<email>/")
def week(email: str) -> View:
    today = _today()
    wanted = _day(request.args.get("day")) or today
    # Weeks are counted from today, so that what comes next is in sight on a Sunday too.
    begin = today + timedelta(days=(wanted - today).days // 7 * 7)
    days = [begin + timedelta(days=number) for number in range(7)]
    person, everybody = _person(email), people()
    entries = person.calendar.entries(days[0], days[-1])
    return render_template(
        "calendars/week.html",
        person=person,
        people=everybody,
        link=read_links().agents.get(email),
        today=today,
        first=days[0],
        last=days[-1],
        before=begin - timedelta(days=7),
        after=begin + timedelta(days=7),
        new_day=max(today, wanted),
        days=[(day, [entry for entry in entries if entry.touches(day)]) for day in days],
    )


@calendars.route("/<email>/new", methods=["GET", "POST"])
def new(email: str) -> View:
    person = _person(email)
    day = _day(request.args.get("day")) or _today()
    if request.method == "GET":
        return render_template("calendars/new.html", person=person, day=day, entered={})
    try:
        times = _entered_times(request.form)
    except NotUnderstood as error:
        flash(str(error), "oops")
        return render_template("calendars/new.html", person=person, day=day, entered=request.form)
    title = request.form.get("title", "").strip() or "Busy"
    person.calendar.add(title, times, free=request.form.get("shown_as") == "free")
    flash("Saved.")
    return redirect(url_for("calendars.week", email=email, day=times.start.date()))


@calendars.get("/<email>/events/<event_id>")
def event(email: str, event_id: str) -> View:
    person, entry = _entry(email, event_id)
    return render_template("calendars/event.html", person=person, entry=entry)


@calendars.post("/<email>/events/<event_id>/move")
def move(email: str, event_id: str) -> View:
    person, _ = _entry(email, event_id)
    try:
        times = _entered_times(request.form)
    except NotUnderstood as error:
        flash(str(error), "oops")
        return redirect(url_for("calendars.event", email=email, event_id=event_id))
    person.calendar.move(event_id, times)
    flash("Moved.")
    return redirect(url_for("calendars.week", email=email, day=times.start.date()))


@calendars.post("/<email>/events/<event_id>/delete")
def remove(email: str, event_id: str) -> View:
    person, entry = _entry(email, event_id)
    person.calendar.remove(event_id)
    flash("Deleted.")
    return redirect(url_for("calendars.week", email=email, day=entry.first_day))


@calendars.post("/<email>/forget")
def forget(email: str) -> View:
    person = _person(email)
    person.calendar.forget()
    flash(f"LateSync can no longer use this calendar. It will notice and ask {person.name} to sign in again.")
    return redirect(url_for("calendars.week", email=email))


def _person(email: str) -> Person:
    return next((person for person in people() if person.email == email), None) or abort(404)


def _entry(email: str, event_id: str) -> tuple[Person, Entry]:
    person = _person(email)
    return person, person.calendar.entry(event_id) or abort(404)


def _entered_times(form: "MultiDict[str, str]") -> EnteredTimes:
    """Raises NotUnderstood."""
    day = _day(form.get("day"))
    if day is None:
        raise NotUnderstood("Please choose a day.")
    last = _day(form.get("until")) or day
    if form.get("all_day"):
        start, end = datetime.combine(day, time()), datetime.combine(last, time())
        if end < start:
            raise NotUnderstood("The last day is before the first. Please check the days.")
        return EnteredTimes(start, end, all_day=True)
    start, end = _at(day, form.get("begins")), _at(last, form.get("ends"))
    if end <= start:
        raise NotUnderstood("It ends before it starts. Please check the times.")
    return EnteredTimes(start, end, all_day=False)


def _at(day: date, text: str | None) -> datetime:
    try:
        return datetime.combine(day, time.fromisoformat(text or ""))
    except ValueError as error:
        raise NotUnderstood("Please give both times, or tick “All day”.") from error


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _today() -> date:
    return cast(Callable[[], datetime], current_app.config["NOW"])().astimezone(ZONE).date()
