"""The owner shows the times before and after bookings, and reads of them under their booking's number."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from latesync.plan.event_settings import EventSettings
from latesync.sync.event_choices import choose_event_settings
from tests.web.mail_links import run_now
from tests.web.salon import Salon
from tests.web.test_events import FORM, kept, press
from tests.web.test_held_page import OF_DANA, change_site, holding, shell, shown

NEGATIVE = re.compile(r"[Bb]ookings?[/ ]-\d")
SHOWN = {"buffers_shown": "yes"}


def show_buffers(salon: Salon) -> None:
    choose_event_settings(salon.services.sync_parts(), 0, EventSettings(buffers=True))
    change_site(salon, f"UPDATE wp_latepoint_bookings SET buffer_before = 10, buffer_after = 15 {OF_DANA}")


def waiting_with_buffers(salon: Salon) -> set[int]:
    """Dana's bookings stand with their buffers, all are cancelled, and all of that waits; whose they are."""
    show_buffers(salon)
    rows = holding(salon, f"UPDATE wp_latepoint_bookings SET status = 'cancelled' {OF_DANA}")
    found = {row.booking_id for row in rows}
    bookings = {number for number in found if number > 0}
    assert len(found) == 3 * len(bookings) > 0
    return bookings


def test_a_box_of_the_page_about_events_switches_them_on_and_off(salon: Salon) -> None:
    box = re.compile(r'<input type="checkbox" name="buffers"\s*(checked)?\s*>')
    owner = salon.owner()
    found = box.search(owner.get("/settings/events").text)
    assert found is not None
    assert found[1] is None
    press(owner, **SHOWN, buffers="on")
    assert kept(salon).buffers
    found = box.search(owner.get("/settings/events").text)
    assert found is not None
    assert found[1] == "checked"
    press(owner, **SHOWN)
    assert not kept(salon).buffers


def test_a_form_without_the_box_leaves_them_as_they_are(salon: Salon) -> None:
    choose_event_settings(salon.services.sync_parts(), 0, EventSettings(buffers=True))
    press(salon.owner(), **FORM)
    assert kept(salon).buffers


def test_looking_first_counts_the_events_that_would_come(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    run_now(salon)
    change_site(salon, f"UPDATE wp_latepoint_bookings SET buffer_after = 15 {OF_DANA}")
    standard = {name: getattr(EventSettings(), name) for name in ("summary", "description", "location")}
    as_is: dict[str, Any] = {**standard, "colour": "", "visibility": "default", "reminders_as": "calendar"}
    owner = salon.owner()
    assert "Saving rewrites no event." in press(owner, "/preview", **as_is, **SHOWN).text
    assert not kept(salon).buffers
    assert "Saving rewrites no event." not in press(owner, "/preview", **as_is, **SHOWN, buffers="on").text


def test_the_shell_switches_them_from_a_file(salon: Salon, tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(json.dumps({"buffers": True}))
    done = shell(salon, "events", "set", str(file), "--yes")
    assert done.exit_code == 0, done.output
    assert kept(salon) == EventSettings(buffers=True)
    file.write_text(json.dumps({"buffers": "yes"}))
    refused = shell(salon, "events", "set", str(file), "--yes")
    assert str(refused.exception) == "“buffers” has to be one of: true, false."
    assert kept(salon).buffers


def test_what_waits_is_told_by_the_booking_and_its_part(salon: Salon) -> None:
    bookings = waiting_with_buffers(salon)
    owner = salon.owner()
    page = shown(owner)
    assert ", buffer before" in page
    assert ", buffer after" in page
    links = {int(number) for number in re.findall(r'href="/bookings/(\d+)"', owner.get("/held").text)}
    assert links == bookings
    for address in ("/held", "/", "/agents/3", "/history"):
        assert not NEGATIVE.search(owner.get(address).text), address
    listed = json.loads(shell(salon, "held", "--json").stdout)
    assert {(entry["booking_id"], entry.get("part")) for entry in listed} == {
        (number, part) for number in bookings for part in (None, "before", "after")
    }


def test_a_booking_s_page_tells_what_was_done_with_its_buffers(salon: Salon) -> None:
    booking = min(waiting_with_buffers(salon))
    page = shown(salon.owner(), f"/bookings/{booking}")
    assert "Buffer before the booking: Written into the calendar" in page
    assert "Buffer after the booking: Written into the calendar" in page
    plan = json.loads(shell(salon, "plan", "--json").stdout)
    of_booking = [entry for entry in plan["held"] if entry["booking_id"] == booking]
    assert sorted(entry.get("part", "") for entry in of_booking) == ["", "after", "before"]
