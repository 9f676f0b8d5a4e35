"""What LateSync did, and why: the history, one booking, one time of an agent's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from latesync.errors import WrongInput
from latesync.explaining import answers, bookings
from latesync.explaining.answers import BookingAnswer, entry_text, name_of, read_names
from latesync.explaining.exports import csv_lines, json_lines
from latesync.explaining.finding import find_booking, read_bookings, read_number
from latesync.model import Booking
from latesync.sentences import drift_sentences, history_sentences
from latesync.store.history import HistoryRow, Wanted, What, Who, read_history, stream_history
from latesync.store.retries import retry_set_aside
from latesync.times import parse_moment
from latesync.web.context import look_at_site_zone, now, services, zone
from latesync.web.viewers import admin_only

blueprint = Blueprint("history", __name__)

PER_PAGE = 50
_FILTERS = ("text", "booking", "agent", "run", "what", "since")
ON_AGENT_PAGE = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as a table shows it. booking: its code and time, looked up now; "": there is none."""

    when: str
    who: str
    text: str
    booking_id: int | None
    booking: str
    agent_id: int | None
    agent: str
    run: str | None


@blueprint.get("/history")
@admin_only
def page() -> ResponseReturnValue:
    look_at_site_zone()
    names = read_names(services())
    typed, problem = request.args.get("text", "").strip(), ""
    try:
        wanted = _wanted(typed)
    except WrongInput as exc:
        wanted, problem = None, str(exc)
    before = read_number(request.args.get("before"))
    rows = _read(wanted, before) if wanted is not None else []
    shown = rows[:PER_PAGE]
    return render_template(
        "history.html",
        lines=lines(shown, names),
        problem=problem,
        typed=typed,
        booking_id=wanted.booking_id if wanted else None,
        kept={name: request.args[name] for name in _FILTERS if request.args.get(name)},
        older=shown[-1].id if len(rows) > PER_PAGE else None,
        is_first=before is None,
        names=sorted(names.items(), key=lambda each: each[1].casefold()),
        whats=[(what.value, history_sentences.what_words(what.value)) for what in What],
        zone_name=str(zone()),
    )


@blueprint.get("/history.csv")
@admin_only
def as_csv() -> ResponseReturnValue:
    look_at_site_zone()
    rows = _stream()
    if rows is None:
        return _back_to_page()
    return _download(csv_lines(rows, zone()), "text/csv; charset=utf-8", "history.csv")


@blueprint.get("/history.json")
@admin_only
def as_json() -> ResponseReturnValue:
    look_at_site_zone()
    rows = _stream()
    if rows is None:
        return _back_to_page()
    return _download(json_lines(rows, zone()), "application/json", "history.json")


@blueprint.get("/bookings/<int:booking_id>")
@admin_only
def booking(booking_id: int) -> ResponseReturnValue:
    _refuse_impossible(booking_id)
    look_at_site_zone()
    names = read_names(services())
    answer = _answer(booking_id, names)
    return render_template(
        "booking.html", answer=answer, lines=lines(answer.history, names, with_booking=False)
    ), (200 if answer.is_known else 404)


@blueprint.post("/bookings/<int:booking_id>/retry")
@admin_only
def retry(booking_id: int) -> ResponseReturnValue:
    """Write once more what the calendar refused."""
    _refuse_impossible(booking_id)
    if retry_set_aside(services().database, services().site_id, booking_id, now(), who=Who.OWNER):
        flash("LateSync tries it again now. Reload this page in a few seconds.", "success")
    else:
        flash("Nothing of this booking was set aside any more, so there is nothing to try again.", "warning")
    return redirect(url_for("history.booking", booking_id=booking_id))


@blueprint.get("/bookings/<int:booking_id>/retry")
@admin_only
def back_to_booking(booking_id: int) -> ResponseReturnValue:
    """For the back button and reloads: the address belongs to a button."""
    return redirect(url_for("history.booking", booking_id=booking_id))


def recent_lines(agent_id: int, name: str) -> list[Line]:
    """An agent's newest entries, for their page."""
    rows = read_history(
        services().database, services().site_id, Wanted(agent_id=agent_id), limit=ON_AGENT_PAGE
    )
    return lines(rows, {agent_id: name})


def lines(rows: Sequence[HistoryRow], names: dict[int, str], *, with_booking: bool = True) -> list[Line]:
    """with_booking: look each booking up for its code and time, which the history itself does not hold."""
    ids = {row.booking_id for row in rows if row.booking_id is not None} if with_booking else set()
    known = read_bookings(services(), ids) if ids else {}
    return [_line(row, names, _booking_words(row.booking_id, known)) for row in rows]


def _line(row: HistoryRow, names: dict[int, str], booking_words: str) -> Line:
    return Line(
        when=history_sentences.dated(row.at, now(), zone()),
        who=history_sentences.who_words(row.who),
        text=entry_text(row, zone()),
        booking_id=row.booking_id,
        booking=booking_words,
        agent_id=row.agent_id,
        agent=name_of(names, row.agent_id) if row.agent_id is not None else "",
        run=row.run,
    )


def _booking_words(booking_id: int | None, known: dict[int, Booking]) -> str:
    if booking_id is None:
        return ""
    found = known.get(booking_id)
    if found is None:
        return f"Booking {booking_id}"
    return drift_sentences.booking_words(found.id, found.code, found.span.start, zone(), found.service_name)


def _answer(booking_id: int, names: dict[int, str]) -> BookingAnswer:
    return answers.answer(bookings.explain_booking(services(), booking_id, now()), names)


def _wanted(typed: str) -> Wanted:
    """What the address asks for. Raises WrongInput for a booking nobody knows, or a day that is none."""
    what = request.args.get("what", "")
    return Wanted(
        agent_id=read_number(request.args.get("agent")),
        booking_id=find_booking(services(), typed) if typed else read_number(request.args.get("booking")),
        run=request.args.get("run") or None,
        what=What(what) if what in list(What) else None,
        since=_since(request.args.get("since", "")),
    )


def _since(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return parse_moment(f"{text}T00:00" if len(text) == len("2026-11-24") else text, zone()).instants[0]
    except ValueError:
        raise WrongInput("The day cannot be read. It looks like 2026-11-24.") from None


def _read(wanted: Wanted, before: int | None) -> list[HistoryRow]:
    return read_history(services().database, services().site_id, wanted, before=before, limit=PER_PAGE + 1)


def _stream() -> Iterable[HistoryRow] | None:
    """None where what was asked for cannot be understood."""
    try:
        wanted = _wanted(request.args.get("text", "").strip())
    except WrongInput:
        return None
    return stream_history(services().database, services().site_id, wanted)


def _back_to_page() -> ResponseReturnValue:
    """It says what is wrong."""
    return redirect(f"{url_for('history.page')}?{request.query_string.decode('ascii', 'ignore')}")


def _download(content: Iterable[str], kind: str, name: str) -> Response:
    return Response(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _refuse_impossible(booking_id: int) -> None:
    """No table has such a row, and databases refuse the number itself."""
    if read_number(str(booking_id)) is None:
        abort(404)
