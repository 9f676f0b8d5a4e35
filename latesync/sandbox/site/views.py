"""The demo site's pages: the booking form and the reception's list."""

import sqlite3
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TypeVar, cast

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from . import bookings
from .bookings import Appointment, Customer, NoSuchBooking, SlotTaken
from .database import open_site
from .days import read_choice
from .notes import Tell
from .reading import Agent, ListedBooking, Service, read_agents, read_listed, read_services, read_upcoming
from .slots import clock_text, site_zone

salon = Blueprint("salon", __name__, url_prefix="/salon", template_folder="templates")
View = str | AnyResponse
_Item = TypeVar("_Item", Service, Agent)
TAKEN = "That time has just been taken. Please choose another one."


def site() -> sqlite3.Connection:
    """This request's connection; the application's configuration names the file as SITE_FILE."""
    if "site" not in g:
        g.site = open_site(cast(Path, current_app.config["SITE_FILE"]))
    return cast(sqlite3.Connection, g.site)


def now() -> datetime:
    return cast(Callable[[], datetime], current_app.config["NOW"])()


def tell(**note: list[int]) -> None:
    """What the plugin would tell LateSync."""
    cast(Tell, current_app.config["TELL"])(note)


@salon.teardown_app_request
def _close_site(error: BaseException | None) -> None:
    connection = g.pop("site", None)
    if connection is not None:
        connection.close()


@salon.app_errorhandler(NoSuchBooking)
def _booking_is_gone(error: NoSuchBooking) -> View:
    flash("This booking does not exist any more.", "oops")
    return redirect(url_for("salon.reception"))


@salon.get("/")
def book() -> View:
    service = _chosen(read_services(site()), "service")
    agents = read_agents(site(), service.id) if service else []
    agent = _chosen(agents, "agent")
    shown: dict[str, object] = {"services": read_services(site()), "service": service, "agents": agents}
    if service and agent:
        choice = read_choice(site(), service.id, agent.id, _day_argument(), now())
        address = partial(url_for, "salon.book", service=service.id, agent=agent.id)
        details_address = partial(
            url_for, "salon.details", service=service.id, agent=agent.id, day=choice.day
        )
        tell(looking_at=[agent.id])
        shown |= {"agent": agent, **vars(choice), "here": address, "choose": details_address}
    return render_template("salon/book.html", **shown)


@salon.route("/details", methods=["GET", "POST"])
def details() -> View:
    service = _chosen(read_services(site()), "service")
    agent = _chosen(read_agents(site(), service.id), "agent") if service else None
    day, minute = _day_argument(), request.args.get("minute", type=int)
    if service is None or agent is None or day is None or minute is None:
        return redirect(url_for("salon.book"))
    if request.method == "POST":
        return _book(Appointment(service.id, agent.id, day, minute))
    return render_template(
        "salon/details.html",
        service=service,
        agent=agent,
        day=day,
        from_=clock_text(minute),
        until=clock_text(minute + service.duration),
        entered={},
    )


def _book(wanted: Appointment) -> View:
    first, _, last = request.form.get("name", "").strip().partition(" ")
    email = request.form.get("email", "").strip()
    if not first or "@" not in email:
        flash("Please give your name and e-mail address.", "oops")
        return redirect(request.full_path)
    customer = Customer(first, last, email, request.form.get("phone", "").strip())
    try:
        booking_id = bookings.book(
            site(), wanted, customer, now(), comment=request.form.get("comment", "").strip()
        )
    except SlotTaken:
        flash(TAKEN, "oops")
        return redirect(
            url_for("salon.book", service=wanted.service_id, agent=wanted.agent_id, day=wanted.day)
        )
    tell(bookings=[booking_id])
    return redirect(url_for("salon.booked", booking_id=booking_id))


@salon.get("/booked/<int:booking_id>")
def booked(booking_id: int) -> View:
    booking = _listed(booking_id)
    email = next((agent.email for agent in read_agents(site()) if agent.id == booking.agent_id), "")
    return render_template("salon/booked.html", booking=booking, email=email)


@salon.get("/reception")
def reception() -> View:
    today = now().astimezone(site_zone(site())).date()
    upcoming = read_upcoming(site(), today)
    days = [(day, list(group)) for day, group in groupby(upcoming, key=lambda booking: booking.day)]
    return render_template("salon/reception.html", days=days, agents=read_agents(site()))


@salon.route("/reception/<int:booking_id>/move", methods=["GET", "POST"])
def move(booking_id: int) -> View:
    booking = _listed(booking_id)
    day, minute = _day_argument(), request.args.get("minute", type=int)
    if request.method == "POST" and day is not None and minute is not None:
        return _move(booking, day, minute)
    if day is not None and minute is not None:
        return render_template("salon/move_confirm.html", booking=booking, day=day, from_=clock_text(minute))
    choice = read_choice(
        site(),
        booking.service_id,
        booking.agent_id,
        day or booking.day,
        now(),
        without_booking=booking_id,
        length=booking.end - booking.start,
    )
    return render_template(
        "salon/move.html",
        booking=booking,
        **vars(choice),
        here=partial(url_for, "salon.move", booking_id=booking_id),
        choose=partial(url_for, "salon.move", booking_id=booking_id, day=choice.day),
    )


def _move(booking: ListedBooking, day: date, minute: int) -> View:
    try:
        bookings.reschedule(site(), booking.id, day, minute, now())
    except SlotTaken:
        flash(TAKEN, "oops")
        return redirect(url_for("salon.move", booking_id=booking.id, day=day))
    return _done(
        booking.id, f"Booking {booking.id} is now on {day:%A}, {day.day} {day:%B}, at {clock_text(minute)}."
    )


@salon.post("/reception/<int:booking_id>/give")
def give(booking_id: int) -> View:
    agent = next(
        (each for each in read_agents(site()) if each.id == request.form.get("agent", type=int)), None
    )
    if agent is None:
        abort(400)
    bookings.give_to(site(), booking_id, agent.id, now())
    return _done(booking_id, f"Booking {booking_id} is now with {agent.name}.")


@salon.post("/reception/<int:booking_id>/cancel")
def cancel(booking_id: int) -> View:
    bookings.set_status(site(), booking_id, "cancelled", now())
    return _done(booking_id, f"Booking {booking_id} is cancelled.")


@salon.post("/reception/<int:booking_id>/approve")
def approve(booking_id: int) -> View:
    bookings.set_status(site(), booking_id, "approved", now())
    return _done(booking_id, f"Booking {booking_id} is approved.")


@salon.post("/reception/<int:booking_id>/delete")
def remove(booking_id: int) -> View:
    bookings.delete(site(), booking_id)
    return _done(booking_id, f"Booking {booking_id} is deleted.")


def _done(booking_id: int, sentence: str) -> Response | AnyResponse:
    tell(bookings=[booking_id])
    flash(sentence)
    return redirect(url_for("salon.reception"))


def _listed(booking_id: int) -> ListedBooking:
    booking = read_listed(site(), booking_id)
    if booking is None:
        raise NoSuchBooking(booking_id)
    return booking


def _chosen(items: list[_Item], name: str) -> _Item | None:
    wanted = request.args.get(name, type=int)
    return next((item for item in items if item.id == wanted), None)


def _day_argument() -> date | None:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None
