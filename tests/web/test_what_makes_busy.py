"""The table of what makes an agent busy, calendars that cannot be read, shared accounts and comparisons, on
pages and in `status`."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from latesync.checks.comparison import check_comparison
from latesync.cli.report import status_report
from latesync.options import AllDay, BlockingPolicy, UnreadablePolicy, WhenUnreadable
from latesync.read_overview import read_overview
from latesync.store.accounts import record_needs_sign_in
from latesync.store.blocking import blocking_of
from latesync.store.choices import read_unreadable_policy, write_unreadable_policy
from latesync.store.comparisons import record_comparison
from tests.web.salon import BEN, DANA, Salon, post


def ticked(page: str) -> set[str]:
    """The names of the ticked boxes of the table, and the chosen way of all-day events."""
    form = page[page.index('id="busy"') :]
    found = re.findall(r'type="(?:checkbox|radio)" name="(\w+)" value="(\w+)" checked', form)
    return {name if value == "yes" else value for name, value in found}


def connected(salon: Salon) -> int:
    salon.upload()
    salon.connect()
    account = salon.account()
    assert account is not None
    return account.id


def sign_out(salon: Salon) -> None:
    record_needs_sign_in(salon.services.database, connected(salon), "sign_in_again", salon.clock())


def test_the_agent_sees_what_blocks_as_it_comes(salon: Salon) -> None:
    """users-ask.md U17, U18, U21: a table of what blocks, shown to the agent."""
    connected(salon)
    page = salon.agent().get("/connect").text
    on = {
        "tentative",
        "unanswered",
        "out_of_office",
        "focus_time",
        "from_mail",
        "working_elsewhere",
        "as_marked",
    }
    assert ticked(page) == on
    for never in ("Invitations I declined", "Working location", "Birthdays", "Cancelled events"):
        assert f"<li>{never}</li>" in page


def test_the_agents_switches_are_kept_and_shown(salon: Salon) -> None:
    """users-ask.md U17, U18."""
    connected(salon)
    client = salon.agent()
    form = {"free": "yes", "focus_time": "yes", "all_day": "always"}
    answer = post(client, "/connect/busy", form, page="/connect")
    assert answer.location == "/connect#busy"
    account = salon.account()
    assert account is not None
    assert blocking_of(account) == BlockingPolicy(
        tentative_blocks=False,
        free_blocks=True,
        unanswered_blocks=False,
        out_of_office_blocks=False,
        from_mail_blocks=False,
        working_elsewhere_blocks=False,
        all_day=AllDay.ALWAYS,
    )
    page = client.get("/connect").text
    assert "The booking form follows within a minute" in page
    assert ticked(page) == {"free", "focus_time", "always"}
    owner = salon.owner().get(f"/agents/{DANA}").text
    assert "All-day events: always, also when marked free" in owner


def test_a_way_for_all_day_events_that_does_not_exist_changes_nothing(salon: Salon) -> None:
    connected(salon)
    client = salon.agent()
    post(client, "/connect/busy", {"free": "yes", "all_day": "sometimes"}, page="/connect")
    account = salon.account()
    assert account is not None
    assert blocking_of(account) == BlockingPolicy()
    assert "Say for all-day events" in client.get("/connect").text


def test_a_calendar_that_cannot_be_read_is_said_since_when_everywhere(salon: Salon) -> None:
    """users-ask.md U11, U9: on the dashboard, the agent's pages and in status."""
    sign_out(salon)
    line = "calendar cannot be read; the last good look was on Fri 20 Nov, 14:05"
    owner = salon.owner()
    for page in (owner.get("/"), owner.get(f"/agents/{DANA}"), salon.agent().get("/connect")):
        assert line in page.text
    report = status_report(read_overview(salon.services, salon.clock()))
    assert line in report["calendars"][0]
    (dana,) = (agent for agent in report["agents"] if agent["agent_id"] == DANA)
    assert (dana["calendar_unreadable_since"], dana["form_is_closed"]) == (salon.clock(), False)


def test_who_is_about_to_be_closed_and_who_is_reads_so(salon: Salon) -> None:
    """users-ask.md U11: never silently."""
    sign_out(salon)
    policy = UnreadablePolicy(24, WhenUnreadable.CLOSE)
    write_unreadable_policy(salon.services.database, salon.services.site_id, policy, salon.clock())
    assert "None of your times" not in salon.agent().get("/connect").text
    assert "none of your times are offered from Sat 21 Nov, 14:05 on" in salon.agent().get("/connect").text
    salon.clock.advance(timedelta(hours=25))
    page = salon.agent().get("/connect").text
    assert "None of your times are offered until it is read again" in page


def test_two_agents_on_one_google_account_are_told_what_follows(salon: Salon) -> None:
    """users-ask.md U39, U22."""
    salon.upload()
    salon.connect(DANA)
    assert "the same Google account" not in salon.owner().get("/").text
    salon.connect(BEN, email="dana@example.com")
    owner = salon.owner()
    dashboard = owner.get("/").text
    assert dashboard.count("use the same Google account") == 1
    assert "a booking of one does not make the others busy" in dashboard
    assert "use the same Google account" in owner.get(f"/agents/{BEN}").text
    assert "you use the same Google account" in salon.agent(DANA).get("/connect").text
    report = status_report(read_overview(salon.services, salon.clock()))
    assert len(report["calendars"]) == 1


def test_the_owner_chooses_what_follows_an_unreadable_calendar(salon: Salon) -> None:
    """users-ask.md U11: after a time the owner sets."""
    owner = salon.owner()
    form = {"hours": "6", "then": "close"}
    answer = post(owner, "/settings/unreadable-calendar", form, page="/settings")
    assert answer.location == "/settings#unreadable-calendar"
    chosen = read_unreadable_policy(salon.services.database, salon.services.site_id)
    assert chosen == UnreadablePolicy(6, WhenUnreadable.CLOSE)
    page = owner.get("/settings").text
    assert "after 6 hours without a calendar, none of the agent’s times are offered" in page
    assert 'value="close" checked' in page


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"hours": "0", "then": "close"}, "whole number of hours from 1 to 744"),
        ({"hours": "soon", "then": "close"}, "whole number of hours from 1 to 744"),
        ({"hours": "6", "then": "panic"}, "Choose one of the three"),
    ],
)
def test_a_choice_that_makes_no_sense_changes_nothing(salon: Salon, form: dict[str, str], said: str) -> None:
    owner = salon.owner()
    post(owner, "/settings/unreadable-calendar", form, page="/settings")
    assert said in owner.get("/settings").text
    assert read_unreadable_policy(salon.services.database, salon.services.site_id) == UnreadablePolicy()


def test_the_last_full_comparison_stands_on_health_and_in_status(salon: Salon) -> None:
    """users-ask.md U15: the difference that should be zero is shown."""
    account_id = connected(salon)
    (finding,) = check_comparison(salon.services)
    assert (finding.verdict, finding.sentence[:12]) == ("note", "not made yet")
    database, site_id = salon.services.database, salon.services.site_id
    now = salon.clock()
    record_comparison(database, site_id, account_id, DANA, now, events_wrong=0, busy_wrong=0, form_wrong=0)
    (finding,) = check_comparison(salon.services)
    assert finding.verdict == "fine"
    assert finding.sentence.endswith(", nothing differed")
    record_comparison(database, site_id, account_id, DANA, now, events_wrong=1, busy_wrong=2, form_wrong=0)
    (finding,) = check_comparison(salon.services)
    assert finding.verdict == "note"
    assert "differed and put right: 1 event of ours and 2 busy times" in finding.sentence
    (row,) = status_report(read_overview(salon.services, salon.clock()))["last_full_comparison"]
    assert (row["agent_id"], row["events_wrong"], row["busy_wrong"]) == (DANA, 1, 2)
