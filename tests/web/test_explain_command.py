"""`latesync explain`, `history` and `retry`: the same answers as on the pages, from a shell."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner, Result

from latesync.cli import main
from latesync.model import Stop
from latesync.store.accounts import record_disconnected
from latesync.store.explaining import mappings_of_booking
from latesync.store.identity import stop_site
from latesync.store.mappings import record_set_aside
from latesync.store.pauses import record_paused
from latesync.sync.now import sync_now
from tests.web.salon import DANA, NOW, Salon

Run = Callable[..., Result]


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1)
def _as_installed(arguments: tuple[str, ...]) -> None:
    """With the sentences and exit codes that `main` makes of errors."""
    main(list(arguments))


@pytest.fixture
def shell(salon: Salon, monkeypatch: pytest.MonkeyPatch) -> Run:
    config = salon.services.config
    monkeypatch.setenv("LATESYNC_HOME", str(config.home))
    monkeypatch.setenv("LATESYNC_SITE_DATABASE_URL", f"sqlite:///{config.home.parent / 'site.db'}")
    monkeypatch.setenv("LATESYNC_GOOGLE_BASE_URL", config.google_base_url or "")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(_as_installed, list(arguments))

    return run


@pytest.fixture
def booking_id(salon: Salon) -> int:
    """A booking of Dana's that stands in her calendar."""
    salon.upload()
    salon.connect()
    account = salon.account()
    assert account is not None
    sync_now(salon.services.sync_parts(), "test", [account])
    snapshot = salon.services.site.read_snapshot(DANA)
    return min(each.id for each in snapshot.bookings.values() if each.span.start > NOW)


def test_explain_booking_says_it_in_words_and_in_json(shell: Run, booking_id: int) -> None:
    answer = shell("explain", "booking", str(booking_id))
    assert answer.exit_code == 0
    assert "It is in Dana Reyes’s calendar, as it should be." in answer.output
    assert "the booking is new" in answer.output
    report = json.loads(shell("explain", "booking", str(booking_id), "--json").output)
    (place,) = report["calendars"]
    assert (place["agent_id"], place["case"], place["has_event"]) == (DANA, "in_step", True)
    assert report["history"][0]["what"] == "event_created"


def test_explain_booking_takes_the_code_as_well(shell: Run, salon: Salon, booking_id: int) -> None:
    code = salon.services.site.read_snapshot(DANA).bookings[booking_id].code
    assert json.loads(shell("explain", "booking", code, "--json").output)["booking_id"] == booking_id


def test_explain_of_no_booking_exits_with_one(shell: Run) -> None:
    answer = shell("explain", "booking", "99999")
    assert answer.exit_code == 1
    assert "The site has no booking 99999." in answer.output
    assert "stands below" not in answer.output
    assert "LateSync remembers nothing of it." in answer.output


def test_explain_of_a_code_nobody_has_is_wrong_use(shell: Run) -> None:
    assert shell("explain", "booking", "NOSUCH").exit_code == 2


def test_explain_agent_answers_in_the_sites_time_or_with_an_offset(shell: Run, booking_id: int) -> None:
    for at in ("2026-11-29T03:00", "2026-11-29T02:00+00:00"):
        answer = shell("explain", "agent", str(DANA), "--at", at, "--json")
        assert answer.exit_code == 0, answer.output
        report = json.loads(answer.output)
        assert [moment["at"] for moment in report["moments"]] == ["2026-11-29T02:00:00+00:00"]
        assert report["is_blocked"] is False


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("3", "--at", "tomorrow"), "It looks like 2026-11-24T10:00"),
        (("77", "--at", "2026-11-29T03:00"), "The site has no agent 77."),
    ],
)
def test_explain_agent_refuses_what_it_cannot_answer(
    shell: Run, arguments: tuple[str, ...], remedy: str
) -> None:
    answer = shell("explain", "agent", *arguments)
    assert answer.exit_code == 2
    assert remedy in answer.output


def test_explain_agent_does_not_call_a_time_free_while_the_site_cannot_be_read(
    shell: Run, salon: Salon, booking_id: int
) -> None:
    with salon.services.site_engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE wp_latepoint_bookings RENAME TO elsewhere")
    answer = shell("explain", "agent", str(DANA), "--at", "2026-11-29T03:00")
    assert answer.exit_code == 1
    assert "Not known: the booking site cannot be read." in answer.output
    assert "Not blocked" not in answer.output


def test_explain_agent_says_that_a_calendar_was_disconnected(
    shell: Run, salon: Salon, booking_id: int
) -> None:
    account = salon.account()
    assert account is not None
    record_disconnected(salon.services.database, account.id, NOW)
    said = shell("explain", "agent", str(DANA), "--at", "2026-11-29T03:00").output
    assert "Dana Reyes has disconnected the calendar" in said


def test_explain_names_commands_where_pages_name_buttons(shell: Run, salon: Salon, booking_id: int) -> None:
    with salon.services.site_engine.connect() as connection:
        connection.exec_driver_sql(
            f"UPDATE wp_latepoint_bookings SET start_time = start_time + 5 WHERE id = {booking_id}"
        )
    record_paused(salon.services.database, salon.services.site_id, DANA, NOW)
    said = shell("explain", "booking", str(booking_id)).output
    assert f"when you run `latesync resume {DANA}`" in said
    assert "press" not in said


def test_explain_of_a_stopped_site_first_says_that_everything_stands_still(
    shell: Run, salon: Salon, booking_id: int
) -> None:
    with salon.services.site_engine.connect() as connection:
        connection.exec_driver_sql(
            f"UPDATE wp_latepoint_bookings SET start_time = start_time + 5 WHERE id = {booking_id}"
        )
    stop_site(salon.services.database, salon.services.site_id, Stop.OTHER_STATE, None, NOW)
    said = shell("explain", "booking", str(booking_id)).output
    assert said.splitlines()[1].startswith("LateSync stands still since")
    assert said.count("stands still") == 1
    assert "LateSync would change its event" in said
    assert "is about to" not in said
    page = salon.owner().get(f"/bookings/{booking_id}").text
    assert "is about to" not in page


@pytest.mark.parametrize("arguments", [("site", "copy", "--yes"), ("site", "moved")])
def test_nothing_is_answered_where_nothing_is_asked(
    shell: Run, salon: Salon, booking_id: int, arguments: tuple[str, ...]
) -> None:
    """A slip would make a healthy installation forget every sign-in."""
    before = salon.account()
    answer = shell(*arguments)
    assert answer.exit_code == 1
    assert "There is nothing to answer" in answer.output
    assert salon.account() == before
    assert shell("site", "copy", "--although-nothing-asks").exit_code != 0
    assert salon.account() == before


def test_a_copy_nobody_noticed_is_made_one_by_the_typed_word(
    shell: Run, salon: Salon, booking_id: int
) -> None:
    assert shell("site", "copy", "--although-nothing-asks", "--yes").exit_code == 0
    assert shell("explain", "agent", str(DANA), "--at", "2026-11-29T03:00").output.count("not connected") == 1


def test_history_of_an_unknown_agent_is_wrong_use(shell: Run, booking_id: int) -> None:
    answer = shell("history", "--agent", "99")
    assert answer.exit_code == 2
    assert "The site has no agent 99." in answer.output


def test_history_is_printed_and_exported_with_its_filters(shell: Run, booking_id: int) -> None:
    shown = shell("history", "--booking", str(booking_id))
    assert shown.output.count("Written into the calendar") == 1
    rows = list(csv.reader(io.StringIO(shell("history", "--booking", str(booking_id), "--csv").output)))
    assert len(rows) == 2
    (entry,) = json.loads(shell("history", "--booking", str(booking_id), "--json").output)
    assert (entry["what"], entry["agent"]) == ("event_created", DANA)
    assert json.loads(shell("history", "--since", "2030-01-01", "--json").output) == []
    assert json.loads(shell("history", "--run", entry["run"], "--agent", str(DANA), "--json").output)


def test_retry_makes_the_refused_event_due(shell: Run, salon: Salon, booking_id: int) -> None:
    """users-ask.md U12."""
    database, site_id = salon.services.database, salon.services.site_id
    (mapping,) = mappings_of_booking(database, site_id, booking_id)
    record_set_aside(
        database,
        mapping.account_id,
        booking_id,
        content_hash=mapping.content_hash,
        span=mapping.span,
        problem="invalid",
        now=NOW,
    )
    assert "`latesync retry" in shell("explain", "booking", str(booking_id)).output
    assert shell("retry", str(booking_id)).exit_code == 0
    (mapping,) = mappings_of_booking(database, site_id, booking_id)
    assert mapping.content_hash == ""


def test_retry_of_what_is_fine_exits_with_one(shell: Run, booking_id: int) -> None:
    assert shell("retry", str(booking_id)).exit_code == 1
