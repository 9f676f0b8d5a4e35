"""The owner chooses how busy time reaches the booking form."""

from __future__ import annotations

from sqlalchemy import text

from latesync.options import BusyWay
from latesync.store.choices import read_busy_way
from tests.web.salon import Salon, post

PRO = 'a:1:{i:0;s:49:"latepoint-pro-features/latepoint-pro-features.php";}'
OFF_PERIODS = (
    "CREATE TABLE wp_latepoint_blocked_periods (id INTEGER PRIMARY KEY AUTOINCREMENT, summary, start_date,"
    " end_date, start_time, end_time, start_datetime_utc, end_datetime_utc, service_id, agent_id,"
    " location_id, server_timezone, created_at, updated_at)"
)


def way(salon: Salon) -> BusyWay:
    return read_busy_way(salon.services.database, salon.services.site_id)


def run(salon: Salon, statement: str, **values: str) -> None:
    with salon.services.site_engine.begin() as connection:
        connection.execute(text(statement), values)
    salon.services.site.doubt()


def with_pro_features(salon: Salon) -> None:
    run(salon, "UPDATE wp_options SET option_value = :list WHERE option_name = 'active_plugins'", list=PRO)


def with_off_periods(salon: Salon) -> None:
    run(salon, "DROP TABLE IF EXISTS wp_latepoint_blocked_periods")
    run(salon, OFF_PERIODS)


def test_the_dashboard_says_which_way_busy_time_goes(salon: Salon) -> None:
    owner = salon.owner()
    assert (
        "Busy time is to reach the booking form through the LateSync plugin, but does not do so now."
        in owner.get("/").text
    )
    with_pro_features(salon)
    with_off_periods(salon)
    post(owner, "/settings/busy-time", {"way": "off_periods"}, page="/settings")
    assert "Busy time reaches the booking form as off periods in LatePoint." in owner.get("/").text


def test_the_owner_chooses_and_goes_back(salon: Salon) -> None:
    with_pro_features(salon)
    with_off_periods(salon)
    owner = salon.owner()
    answer = post(owner, "/settings/busy-time", {"way": "off_periods"}, page="/settings")
    assert (answer.status_code, answer.location) == (302, "/settings#busy-time")
    page = owner.get("/settings").text
    assert "Saved: busy time reaches the booking form as off periods" in page
    assert 'value="off_periods" checked' in page
    assert way(salon) is BusyWay.OFF_PERIODS
    post(owner, "/settings/busy-time", {"way": "plugin"}, page="/settings")
    assert 'value="plugin" checked' in owner.get("/settings").text
    assert way(salon) is BusyWay.PLUGIN


def test_without_pro_features_the_choice_is_refused_with_the_reason(salon: Salon) -> None:
    owner = salon.owner()
    post(owner, "/settings/busy-time", {"way": "off_periods"}, page="/settings")
    page = owner.get("/settings").text
    assert "Nothing was changed." in page
    assert "only LatePoint’s Pro Features reads them" in page
    assert way(salon) is BusyWay.PLUGIN


def test_an_old_latepoint_is_named(salon: Salon) -> None:
    with_pro_features(salon)
    run(salon, "DROP TABLE IF EXISTS wp_latepoint_blocked_periods")
    owner = salon.owner()
    post(owner, "/settings/busy-time", {"way": "off_periods"}, page="/settings")
    assert "5.1.8" in owner.get("/settings").text
    assert way(salon) is BusyWay.PLUGIN


def test_an_unknown_way_changes_nothing(salon: Salon) -> None:
    owner = salon.owner()
    post(owner, "/settings/busy-time", {"way": "pigeons"}, page="/settings")
    assert "Choose one of the two" in owner.get("/settings").text
    assert way(salon) is BusyWay.PLUGIN


def test_only_the_owner_may_choose(salon: Salon) -> None:
    salon.make_owner()
    for client in (salon.visitor(), salon.agent()):
        post(client, "/settings/busy-time", {"way": "off_periods"}, page="/sign-in")
    assert way(salon) is BusyWay.PLUGIN
