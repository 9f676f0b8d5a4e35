"""The owner sees what waits, being unusually much, and answers with one click; the shell does the same."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from latesync.cli import commands
from latesync.errors import WrongInput
from latesync.options import SafetyLimits
from latesync.store.choices import read_safety_limits, write_safety_limits
from latesync.store.held import HeldOperation, HeldRow, list_decided, list_held, replace_held
from tests.web.mail_links import run_now
from tests.web.salon import BEN, DANA, NOW, Salon, post

OF_DANA = "WHERE agent_id = 3"


def change_site(salon: Salon, *statements: str) -> None:
    with salon.services.site_engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()


def settle(salon: Salon) -> None:
    """A minute later, everything that is due has run."""
    salon.clock.advance(timedelta(minutes=2))
    salon.services.site.doubt()
    for agent_id in (DANA, BEN):
        if salon.account(agent_id):
            post(salon.owner(), f"/agents/{agent_id}/sync", page=f"/agents/{agent_id}")
    run_now(salon)


def holding(salon: Salon, *statements: str) -> list[HeldRow]:
    """Dana's bookings are in her calendar, and then that happens on the site; even one change waits."""
    salon.upload()
    salon.connect()
    run_now(salon)
    write_safety_limits(salon.services.database, salon.services.site_id, SafetyLimits(0.0, 0), NOW)
    change_site(salon, *statements)
    settle(salon)
    return waiting(salon)


def waiting(salon: Salon) -> list[HeldRow]:
    return list_held(salon.services.database, salon.services.site_id)


def shown(client: FlaskClient, address: str = "/held") -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(client.get(address).text)).split())


def press(client: FlaskClient, words: str, number: int = 0) -> TestResponse:
    """Press a button of the page as it was shown."""
    forms = re.findall(
        r'<form method="post" action="(/held/\w+)">(.*?)</form>', client.get("/held").text, re.S
    )
    action, form = [(action, form) for action, form in forms if f">{words}</button>" in form][number]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    return client.post(action, data={name: unescape(value) for name, value in fields.items()})


def test_nothing_waits_where_nothing_is_unusual(salon: Salon) -> None:
    assert "Nothing waits for you." in shown(salon.owner())


def test_dashboard_leads_to_the_list_and_one_click_lets_it_happen(salon: Salon) -> None:
    """users-ask.md U37: a brake on unusual amounts, with list and one click."""
    rows = holding(salon, f"UPDATE wp_latepoint_bookings SET status = 'cancelled' {OF_DANA}")
    owner = salon.owner()
    assert f'href="/held?agent={DANA}">Decide</a>' in owner.get("/").text
    page = shown(owner, f"/held?agent={DANA}")
    assert f"{len(rows)} events would be deleted, because their bookings are cancelled" in page
    assert "Dana Reyes" in page
    assert f"On the site they are now: {len(rows)} bookings “cancelled”." in page
    assert page.count("The event is deleted.") == len(rows)
    answer = press(owner, f"Delete all {len(rows)} events")
    assert answer.status_code == 302
    page = shown(owner)
    assert f"{len(rows)} changes released. LateSync makes them within a minute" in page
    assert "Nothing waits for you." in page
    settle(salon)
    assert list_decided(salon.services.database, salon.services.site_id) == []
    assert [event for event in events(salon) if not event.cancelled] == []


def test_events_may_be_kept(salon: Salon) -> None:
    rows = holding(salon, f"UPDATE wp_latepoint_bookings SET status = 'cancelled' {OF_DANA}")
    owner = salon.owner()
    press(owner, f"Keep all {len(rows)} events")
    assert "rejected. These events stay as they are." in shown(owner)
    settle(salon)
    assert len([event for event in events(salon) if not event.cancelled]) >= len(rows)
    assert waiting(salon) == []


def test_one_may_be_decided_by_itself(salon: Salon) -> None:
    rows = holding(salon, f"UPDATE wp_latepoint_bookings SET status = 'cancelled' {OF_DANA}")
    owner = salon.owner()
    press(owner, "Delete", 1)
    assert len(waiting(salon)) == len(rows) - 1
    press(owner, "Keep")
    assert len(waiting(salon)) == len(rows) - 2


def events(salon: Salon) -> list[Any]:
    return list(salon.google.calendars["dana@example.com"].events.values())


def test_an_emptied_table_is_explained(salon: Salon) -> None:
    holding(salon, "DELETE FROM wp_latepoint_bookings")
    assert "The site’s bookings table is empty." in shown(salon.owner())


def test_another_zone_is_explained_with_both_and_by_how_much(salon: Salon) -> None:
    """users-ask.md U19."""
    tokyo = "UPDATE wp_options SET option_value = 'Asia/Tokyo' WHERE option_name = 'timezone_string'"
    rows = holding(salon, tokyo)
    assert {row.reason for row in rows} == {"the site's time zone changed"}
    page = shown(salon.owner())
    assert "is Asia/Tokyo now." in page
    assert "Events would stand 8 hours earlier." in page
    assert "The event moves to" in page


def test_what_was_held_after_the_page_was_shown_is_not_decided_with_it(salon: Salon) -> None:
    rows = holding(salon, f"UPDATE wp_latepoint_bookings SET status = 'cancelled' {OF_DANA}")
    owner = salon.owner()
    page = owner.get("/held").text
    later = HeldOperation(999, "delete", "booking cancelled")
    known = [HeldOperation(row.booking_id, row.operation, row.reason) for row in rows]
    replace_held(salon.services.database, rows[0].account_id, [*known, later], salon.clock.now + timedelta(1))
    form = re.search(r'action="/held/release">(.*?)</form>', page, re.S)
    assert form
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1]))
    owner.post("/held/release", data={name: unescape(value) for name, value in fields.items()})
    assert [row.booking_id for row in waiting(salon)] == [999]


def test_a_button_without_its_page_decides_nothing(salon: Salon) -> None:
    rows = holding(salon, f"UPDATE wp_latepoint_bookings SET status = 'cancelled' {OF_DANA}")
    owner = salon.owner()
    post(owner, "/held/release", {}, page="/held")
    assert "Nothing was decided" in shown(owner)
    assert waiting(salon) == rows


def test_what_is_decided_already_is_said_to_be_so(salon: Salon) -> None:
    holding(salon, f"UPDATE wp_latepoint_bookings SET status = 'cancelled' {OF_DANA}")
    owner, other = salon.owner(), salon.owner()
    old = other.get("/held").text
    press(owner, "Keep", 0)
    form = re.findall(r'action="/held/reject">(.*?)</form>', old, re.S)[1]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    other.post("/held/reject", data={name: unescape(value) for name, value in fields.items()})
    assert "it was decided already" in shown(other)


def test_the_list_is_shown_while_the_site_is_away(salon: Salon) -> None:
    rows = holding(salon, f"UPDATE wp_latepoint_bookings SET status = 'cancelled' {OF_DANA}")
    (salon.services.config.home.parent / "site.db").rename(salon.services.config.home / "away.db")
    salon.services.site.doubt()
    salon.services.site_engine.dispose()
    page = shown(salon.owner())
    assert f"{len(rows)} events would be deleted" in page
    assert f"Agent {DANA}" in page


def test_agent_page_leads_to_what_waits_of_that_agent(salon: Salon) -> None:
    holding(salon, f"UPDATE wp_latepoint_bookings SET status = 'cancelled' {OF_DANA}")
    assert f'href="/held?agent={DANA}"' in salon.owner().get(f"/agents/{DANA}").text


# --- the owner's limits -----------------------------------------------------------------------


def test_owner_says_from_where_on_changes_wait(salon: Salon) -> None:
    owner = salon.owner()
    assert 'name="share" value="20"' in owner.get("/settings").text
    post(owner, "/settings/limits", {"share": "35", "count": "12"}, page="/settings")
    assert "more than 12 events and more than 35%" in shown(owner, "/settings")
    limits = read_safety_limits(salon.services.database, salon.services.site_id)
    assert limits == SafetyLimits(0.35, 12)


def test_limits_that_make_no_sense_are_refused(salon: Salon) -> None:
    owner = salon.owner()
    post(owner, "/settings/limits", {"share": "120", "count": "5"}, page="/settings")
    assert "Nothing was changed. These limits cannot be used." in shown(owner, "/settings")
    assert read_safety_limits(salon.services.database, salon.services.site_id) is None


# --- from a shell -----------------------------------------------------------------------------


def shell(salon: Salon, *arguments: str) -> Result:
    config = salon.services.config
    return CliRunner().invoke(
        commands,
        list(arguments),
        env={
            "LATESYNC_HOME": str(config.home),
            "LATESYNC_SITE_DATABASE_URL": config.site_database_url,
            "LATESYNC_GOOGLE_BASE_URL": config.google_base_url,
        },
    )


def test_shell_lists_what_waits_and_exits_with_one(salon: Salon) -> None:
    assert shell(salon, "held").output == "Nothing waits for you.\n"
    rows = holding(salon, f"UPDATE wp_latepoint_bookings SET status = 'cancelled' {OF_DANA}")
    listed = shell(salon, "held", "--json")
    found = json.loads(listed.stdout)
    assert listed.exit_code == 1
    assert [entry["booking_id"] for entry in found] == [row.booking_id for row in rows]
    assert {entry["agent"] for entry in found} == {"Dana Reyes"}
    assert {entry["operation"] for entry in found} == {"delete"}
    text = shell(salon, "held")
    assert text.exit_code == 1
    assert "would be deleted" in text.output
    assert "held release AGENT" in text.output


@pytest.mark.parametrize(("verb", "word"), [("release", "released"), ("reject", "rejected")])
@pytest.mark.parametrize("whose", [str(DANA), "--all"])
def test_shell_decides_for_an_agent_or_for_all(salon: Salon, verb: str, word: str, whose: str) -> None:
    rows = holding(salon, f"UPDATE wp_latepoint_bookings SET status = 'cancelled' {OF_DANA}")
    done = shell(salon, "held", verb, whose)
    assert (done.exit_code, waiting(salon)) == (0, [])
    assert f"{len(rows)} changes {word}." in done.output
    again = shell(salon, "held", verb, "--all")
    assert (again.exit_code, again.output) == (0, "Nothing waits for you.\n")


@pytest.mark.parametrize("arguments", [[], ["3", "--all"], ["77"]])
def test_shell_asks_for_whom(salon: Salon, arguments: list[str]) -> None:
    assert isinstance(shell(salon, "held", "release", *arguments).exception, WrongInput)


def test_shell_shows_and_keeps_the_limits(salon: Salon) -> None:
    before = json.loads(shell(salon, "settings", "--json").stdout)
    assert (before["hold_above"], before["hold_count"]) == ("20%", 5)
    shell(salon, "settings", "--hold-above", "35%")
    after = json.loads(shell(salon, "settings", "--hold-count", "12", "--json").stdout)
    assert (after["hold_above"], after["hold_count"]) == ("35%", 12)
    assert "--hold-above 35% --hold-count 12" in shell(salon, "settings").output
    refused = shell(salon, "settings", "--hold-above", "a fifth")
    assert isinstance(refused.exception, WrongInput)


def test_a_table_that_cannot_be_read_any_more_is_named_everywhere(salon: Salon) -> None:
    """One event suffices, whatever the limits are; when the table is back, nobody is asked any more."""
    salon.upload()
    salon.connect()
    run_now(salon)
    change_site(salon, "ALTER TABLE wp_latepoint_customers RENAME TO elsewhere")
    settle(salon)
    assert {row.reason for row in waiting(salon)} == {"booking changed"}
    said = "could read wp_latepoint_customers in the site’s database before"
    assert said in shown(salon.owner())
    status = shell(salon, "status")
    assert (status.exit_code, said in status.output) == (1, True)
    assert "missing or not granted now: wp_latepoint_customers" in shell(salon, "doctor").output
    change_site(salon, "ALTER TABLE elsewhere RENAME TO wp_latepoint_customers")
    settle(salon)
    assert waiting(salon) == []
    assert said not in shell(salon, "status").output
