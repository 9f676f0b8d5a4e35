"""Busy time in LateSync's table closes exactly the slots it touches, and nothing it meets breaks the form.

The world is latepoint.md §3.2 and latepoint-live.md §1b; times are the site's wall clock.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Event

import pytest
from sqlalchemy import create_engine, text

from tests.wordpress.days import A_DAY, A_MONTH, YEAR, clock_changes, utc
from tests.wordpress.form import ROUTE
from tests.wordpress.site import WordPress

EVERY_HOUR = set(range(480, 961, 60))  # of an ordinary day, 08:00–17:00
EVERY_HOUR_OF_24 = set(range(0, 1381, 60))
NEXT_DAY = str(date.fromisoformat(A_DAY) + timedelta(days=1))
THIRD_DAY = str(date.fromisoformat(A_DAY) + timedelta(days=2))
Network = tuple[WordPress, WordPress]
ZONES: dict[str, str | float] = {
    "America/New_York": "America/New_York",
    "Europe/Berlin": "Europe/Berlin",
    "Asia/Kolkata": "Asia/Kolkata",
    "Etc/GMT+9": -9.0,  # gmt_offset, and the name of the same for Python
    "Asia/Colombo": 5.5,
    "Pacific/Chatham": "Pacific/Chatham",  # quarter hours, and summer in our winter
}


@pytest.fixture
def on_every_latepoint(every_latepoint: WordPress) -> WordPress:
    every_latepoint.activate()
    return every_latepoint


def be_busy(site: WordPress, zone: str, day: str, start: str, end: str, agent: int = 1) -> None:
    """From one clock time to another of a day; "34:00" is 10:00 of the next."""
    site.fill_busy((agent, utc(day, start, zone), utc(day, end, zone)))


def closed(site: WordPress, day: str, agent: int | str = 1, service: int = 1) -> set[int]:
    """The slots of 08:00–17:00 that are not offered."""
    return EVERY_HOUR - set(site.slots(day, agent, service))


# Which slots close


@pytest.mark.parametrize("zone", ZONES)
def test_busy_time_closes_the_slots_it_touches_in_the_site_s_zone(bridge: WordPress, zone: str) -> None:
    bridge.set_zone(ZONES[zone])
    be_busy(bridge, zone, A_DAY, "10:30", "12:00")
    month = bridge.month(A_MONTH, agent=1)
    assert EVERY_HOUR - set(month.pop(A_DAY)) == {600, 660}
    assert {tuple(slots) for slots in month.values()} == {tuple(sorted(EVERY_HOUR))}
    assert closed(bridge, A_DAY, agent=2) == set()


def test_it_does_so_in_every_latepoint(on_every_latepoint: WordPress) -> None:
    be_busy(on_every_latepoint, "America/New_York", A_DAY, "10:30", "12:00")
    be_busy(on_every_latepoint, "America/New_York", A_DAY, "08:00", "09:00", agent=2)
    assert closed(on_every_latepoint, A_DAY, agent=1) == {600, 660}
    assert closed(on_every_latepoint, A_DAY, agent=2) == {480}


def test_busy_time_is_half_open_and_counts_whole_minutes_outwards(bridge: WordPress) -> None:
    be_busy(bridge, "America/New_York", A_DAY, "11:00", "12:00")
    assert closed(bridge, A_DAY) == {660}
    bridge.fill_busy((1, f"{NEXT_DAY} 14:59:30", f"{NEXT_DAY} 15:00:10"))  # 10:59:30–11:00:10 in New York
    assert closed(bridge, NEXT_DAY) == {600, 660}


def test_any_agent_offers_what_another_can_serve(bridge: WordPress) -> None:
    be_busy(bridge, "America/New_York", A_DAY, "10:00", "11:00", agent=1)
    assert closed(bridge, A_DAY, "any") == set()
    assert bridge.bookings.book(A_DAY, 600, "any").agent_id == 2
    be_busy(bridge, "America/New_York", NEXT_DAY, "10:00", "11:00", agent=1)
    be_busy(bridge, "America/New_York", NEXT_DAY, "10:00", "11:00", agent=2)
    assert closed(bridge, NEXT_DAY, "any") == {600}


def test_a_service_s_buffers_keep_their_distance(bridge: WordPress) -> None:
    be_busy(bridge, "America/New_York", A_DAY, "11:00", "12:00")
    assert closed(bridge, A_DAY, service=2) == {600, 660, 720}


def test_the_rest_of_a_group_closes_too(bridge: WordPress) -> None:
    assert bridge.bookings.book(A_DAY, 600, service=3).ok
    be_busy(bridge, "America/New_York", A_DAY, "10:00", "11:00")
    assert closed(bridge, A_DAY, service=3) == {600}


def test_overlapping_busy_times_close_what_either_touches(bridge: WordPress) -> None:
    for start, end in (("09:30", "10:30"), ("10:15", "11:30"), ("10:00", "10:20")):
        be_busy(bridge, "America/New_York", A_DAY, start, end)
    assert closed(bridge, A_DAY) == {540, 600, 660}


# Days


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Asia/Colombo"])
def test_midnight_parts_the_days(bridge: WordPress, zone: str) -> None:
    bridge.set_zone(ZONES[zone])
    bridge.set_work_hours(0, 1440)
    be_busy(bridge, zone, A_DAY, "23:00", "24:00")
    assert EVERY_HOUR_OF_24 - set(bridge.slots(A_DAY, 1)) == {1380}
    assert set(bridge.slots(NEXT_DAY, 1)) == EVERY_HOUR_OF_24
    be_busy(bridge, zone, A_DAY, "24:00", "25:00")
    assert EVERY_HOUR_OF_24 - set(bridge.slots(A_DAY, 1)) == {1380}
    assert EVERY_HOUR_OF_24 - set(bridge.slots(NEXT_DAY, 1)) == {0}


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Asia/Colombo"])
def test_a_whole_day_closes_that_day_only(bridge: WordPress, zone: str) -> None:
    bridge.set_zone(ZONES[zone])
    bridge.set_work_hours(0, 1440)
    be_busy(bridge, zone, NEXT_DAY, "00:00", "24:00")
    month = bridge.month(A_MONTH, agent=1)
    assert month.pop(NEXT_DAY) == []
    assert {tuple(slots) for slots in month.values()} == {tuple(sorted(EVERY_HOUR_OF_24))}


def test_several_days_are_closed_from_start_to_end(on_every_latepoint: WordPress) -> None:
    be_busy(on_every_latepoint, "America/New_York", A_DAY, "15:00", "58:00")
    assert closed(on_every_latepoint, A_DAY) == {900, 960}
    assert closed(on_every_latepoint, NEXT_DAY) == EVERY_HOUR
    assert closed(on_every_latepoint, THIRD_DAY) == {480, 540}


def test_busy_time_reaches_into_a_month_from_outside(bridge: WordPress) -> None:
    bridge.fill_busy(
        (1, f"{YEAR}-05-20 00:00", f"{YEAR}-06-02 16:00"), (1, f"{YEAR}-06-30 20:00", f"{YEAR}-08-01")
    )
    month = bridge.month(f"{YEAR}-06", agent=1)
    assert month[f"{YEAR}-06-01"] == []
    assert month[f"{YEAR}-06-02"] == [720, 780, 840, 900, 960]  # 16:00 UTC is noon
    assert month[f"{YEAR}-06-30"] == [480, 540, 600, 660, 720, 780, 840, 900]
    assert not any(bridge.month(f"{YEAR}-07", agent=1).values())


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin"])
def test_the_day_the_clocks_go_forward(bridge: WordPress, zone: str) -> None:
    spring, _ = clock_changes(zone)
    before, after = str(spring - timedelta(days=1)), str(spring + timedelta(days=1))
    bridge.set_zone(zone)
    bridge.set_work_hours(0, 1440)
    be_busy(bridge, zone, str(spring), "10:30", "11:30")
    be_busy(bridge, zone, before, "10:30", "11:30")
    be_busy(bridge, zone, after, "10:30", "11:30")
    month = bridge.month(str(spring)[:7], agent=1)
    for day in (before, str(spring), after):
        assert EVERY_HOUR_OF_24 - set(month[day]) == {600, 660}, day
    be_busy(bridge, zone, str(spring), "00:00", "24:00")  # 23 real hours
    month = bridge.month(str(spring)[:7], agent=1)
    assert (month[str(spring)], len(month[before]), len(month[after])) == ([], 22, 22)


def test_busy_time_over_the_skipped_hour(bridge: WordPress) -> None:
    spring, _ = clock_changes("America/New_York")
    bridge.set_work_hours(0, 1440)
    bridge.fill_busy((1, f"{spring} 06:30", f"{spring} 07:30"))  # 01:30 EST to 03:30 EDT, one hour
    assert EVERY_HOUR_OF_24 - set(bridge.slots(str(spring), 1)) == {60, 120, 180}


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin"])
def test_the_day_the_clocks_go_back(bridge: WordPress, zone: str) -> None:
    _, autumn = clock_changes(zone)
    before, after = str(autumn - timedelta(days=1)), str(autumn + timedelta(days=1))
    bridge.set_zone(zone)
    bridge.set_work_hours(0, 1440)
    for day in (before, str(autumn), after):
        be_busy(bridge, zone, day, "10:30", "11:30")
        assert EVERY_HOUR_OF_24 - set(bridge.slots(day, 1)) == {600, 660}, day
    be_busy(bridge, zone, str(autumn), "00:00", "24:00")  # 25 real hours
    assert bridge.slots(str(autumn), 1) == []
    assert [len(bridge.slots(day, 1)) for day in (before, after)] == [22, 22]


@pytest.mark.parametrize(
    ("start", "end", "gone"),
    [
        ("05:15", "05:45", {60}),  # 01:15–01:45 the first time
        ("06:15", "06:45", {60}),  # and the second
        ("04:30", "06:30", {0, 60}),  # 00:30 to 01:30 the second time
        ("07:00", "08:00", {120}),
    ],
)
def test_busy_time_in_the_doubled_hour(bridge: WordPress, start: str, end: str, gone: set[int]) -> None:
    _, autumn = clock_changes("America/New_York")
    bridge.set_work_hours(0, 1440)
    bridge.fill_busy((1, f"{autumn} {start}", f"{autumn} {end}"))
    assert EVERY_HOUR_OF_24 - set(bridge.slots(str(autumn), 1)) == gone


def test_another_zone_set_later_counts_at_once(bridge: WordPress) -> None:
    be_busy(bridge, "America/New_York", A_DAY, "08:00", "09:00")
    bridge.set_zone("Europe/Berlin")
    assert closed(bridge, A_DAY) == {840}


def test_a_visitor_of_another_zone_sees_the_same_closed(bridge: WordPress) -> None:
    be_busy(bridge, "America/New_York", A_DAY, "10:00", "11:00")
    seen = bridge.month(A_MONTH, agent=1, timezone_name="Europe/Berlin")[A_DAY]
    assert {minute + 360 for minute in EVERY_HOUR} - set(seen) == {960}


# Submitting


def test_a_booking_is_refused_when_busy_time_came_up_meanwhile(on_every_latepoint: WordPress) -> None:
    site = on_every_latepoint
    assert 600 in site.slots(A_DAY, 1)
    be_busy(site, "America/New_York", A_DAY, "10:30", "12:00")
    answer = site.bookings.book(A_DAY, 600)
    assert (answer.ok, answer.message) == (False, "Selected booking slot is not available anymore")
    assert site.value(f"SELECT COUNT(*) FROM {site.table('latepoint_bookings')}") == 0
    assert site.bookings.book(A_DAY, 600, agent=2).ok
    assert site.bookings.book(A_DAY, 720).ok


def test_the_page_itself_shows_the_first_month_with_busy_time(bridge: WordPress) -> None:
    bridge.set_zone("Etc/UTC")
    agents = bridge.value(f"SELECT COUNT(*) FROM {bridge.table('latepoint_agents')}")
    bridge.fill_busy(*((agent, "2020-01-01", f"{YEAR + 1}-01-01") for agent in range(1, agents + 1)))
    assert 'data-bookable-minutes=""' in bridge.bookings.form_page()
    assert 'data-bookable-minutes="4' not in bridge.bookings.form_page()


def test_an_owner_may_still_book_onto_busy_time(bridge: WordPress) -> None:
    be_busy(bridge, "America/New_York", A_DAY, "10:00", "11:00")
    assert bridge.bookings.admin_create(A_DAY, 600).ok


# Troubles


def test_a_missing_table_leaves_the_form_up_and_is_noted(on_every_latepoint: WordPress) -> None:
    site = on_every_latepoint
    site.run(f"DROP TABLE {site.table('latesync_busy')}")
    assert closed(site, A_DAY) == set()
    assert site.bookings.book(A_DAY, 600).ok
    assert "busy_table" in site.option("latesync_bridge_troubles")


def test_a_table_of_another_shape_leaves_the_form_up(bridge: WordPress) -> None:
    bridge.run("ALTER TABLE wp_latesync_busy CHANGE starts_at begins_at DATETIME NOT NULL")
    assert closed(bridge, A_DAY) == set()
    assert "busy_table" in bridge.option("latesync_bridge_troubles")


def test_rows_without_sense_are_left_out_and_the_others_count(bridge: WordPress) -> None:
    bridge.run("ALTER TABLE wp_latesync_busy MODIFY starts_at DATETIME NULL, MODIFY ends_at DATETIME NULL")
    noon = f"{A_DAY} 16:00"
    for number, (agent, start, end) in enumerate(
        [
            (0, f"{A_DAY} 00:00", f"{NEXT_DAY} 00:00"),  # of nobody: would close the day for everybody
            (1, f"{A_DAY} 18:00", f"{A_DAY} 17:00"),
            (1, "0000-00-00 00:00:00", f"{A_DAY} 00:00"),
            (1, f"{A_DAY} 20:00", "0000-00-00 00:00:00"),
            (1, f"{A_DAY} 14:00", f"{A_DAY} 14:00"),
            (1, None, None),
            (999, f"{A_DAY} 12:00", f"{NEXT_DAY} 12:00"),
            (1, noon, f"{A_DAY} 17:00"),
        ]
    ):
        bridge.run(
            "INSERT INTO wp_latesync_busy VALUES (MD5(:number), :agent, :start, :end)",
            number=number,
            agent=agent,
            start=start,
            end=end,
        )
    assert closed(bridge, A_DAY) == {720}
    assert closed(bridge, A_DAY, agent=2) == set()
    assert bridge.bookings.book(A_DAY, 600).ok


def test_a_month_full_of_ten_thousand_rows_is_shown(bridge: WordPress) -> None:
    first = f"{A_MONTH}-01 00:00:00"
    bridge.run(
        "INSERT INTO wp_latesync_busy SELECT MD5(seq), 1 + seq % 2, :first + INTERVAL (seq * 4) MINUTE,"
        " :first + INTERVAL (seq * 4 + 3) MINUTE FROM seq_1_to_10000",
        first=first,
    )
    month = bridge.month(A_MONTH, agent=1)
    assert not any(list(month.values())[:27])
    assert month[f"{A_MONTH}-30"] == sorted(EVERY_HOUR)
    assert bridge.month(A_MONTH, "any")[A_DAY] == []


def test_the_form_is_whole_while_the_table_is_being_rewritten(bridge: WordPress) -> None:
    """Each of 200 requests sees the busy time before or after, never half of either and never an error."""
    states = {"A": [(f"{A_DAY} {hour}:00", f"{A_DAY} {hour}:30") for hour in (12, 14, 16)]}
    states["B"] = [(f"{A_DAY} {hour}:00", f"{A_DAY} {hour}:30") for hour in (13, 15, 17)]
    gone = [{480, 600, 720}, {540, 660, 780}]
    bridge.fill_busy(*((1, start, end) for start, end in states["A"]))
    done, rewrites = Event(), 0

    def rewrite() -> int:
        count = 0
        engine = create_engine(bridge.database_url)
        while not done.is_set():
            times = states["B" if count % 2 == 0 else "A"]
            with engine.begin() as connection:
                connection.execute(text("DELETE FROM wp_latesync_busy"))
                for start, end in times:
                    connection.execute(
                        text("INSERT INTO wp_latesync_busy VALUES (MD5(RAND()), 1, :start, :end)"),
                        {"start": start, "end": end},
                    )
            count += 1
        engine.dispose()
        return count

    with ThreadPoolExecutor(9) as pool:
        writer = pool.submit(rewrite)
        try:
            seen = list(pool.map(lambda _: closed(bridge, A_DAY), range(200)))
        finally:
            done.set()
        rewrites = writer.result()
    assert [slots for slots in seen if slots not in gone] == []
    assert all(state in seen for state in gone)
    assert rewrites > 10


def test_a_site_without_latepoint_takes_the_plugin(wordpress: WordPress) -> None:
    wordpress.deactivate("latepoint")
    wordpress.activate()
    assert wordpress.get("/").status_code == 200
    assert wordpress.get("wp-admin/", wordpress.login()).status_code == 200


def test_another_plugin_that_answers_with_nonsense_is_not_made_worse(bridge: WordPress) -> None:
    """The days of others come back as they were; what LatePoint then does is not our doing."""
    bridge.add_code(
        "add_filter( 'latepoint_blocked_periods_for_range', static function ( $days ) {"
        f" unset( $days['{NEXT_DAY}'] ); return $days + array( 'x' => array(), 7 => array() ); }}, 5 );"
        "add_filter( 'latepoint_blocked_periods_for_range', static function ( $days, $filter ) {"
        " return $days + array_fill_keys("
        " OsResourceHelper::days( $filter->date_from, $filter->date_to ), array() ); }, 20, 2 );"
    )
    be_busy(bridge, "America/New_York", A_DAY, "10:00", "11:00")
    assert closed(bridge, A_DAY) == {600}


# Coming and going


def test_without_the_plugin_the_slots_are_back(bridge: WordPress) -> None:
    be_busy(bridge, "America/New_York", A_DAY, "10:00", "11:00")
    assert closed(bridge, A_DAY) == {600}
    bridge.deactivate()
    assert closed(bridge, A_DAY) == set()
    assert bridge.value("SELECT COUNT(*) FROM wp_latesync_busy") == 1
    bridge.activate()
    assert closed(bridge, A_DAY) == {600}


def test_uninstalling_removes_tables_and_options(bridge: WordPress) -> None:
    before = bridge.value("SELECT COUNT(*) FROM wp_latepoint_work_periods")
    bridge.run("DROP TABLE wp_latesync_busy")
    assert closed(bridge, A_DAY) == set()  # a trouble is noted: an option more
    bridge.activate()
    bridge.uninstall()
    assert bridge.rows("SHOW TABLES LIKE '%latesync%'") == []
    assert bridge.rows("SELECT option_name FROM wp_options WHERE option_name LIKE '%latesync%'") == []
    assert bridge.rows("SELECT meta_key FROM wp_usermeta WHERE meta_key LIKE '%latesync%'") == []
    assert not (bridge.content / "plugins" / "latesync-bridge").exists()
    assert bridge.value("SELECT COUNT(*) FROM wp_latepoint_work_periods") == before
    assert closed(bridge, A_DAY) == set()


def test_each_site_of_a_network_has_its_own_busy_time(network: Network) -> None:
    one, two = network
    one.activate(network_wide=True)
    be_busy(two, "Europe/Berlin", A_DAY, "10:00", "11:00")
    assert (closed(one, A_DAY), closed(two, A_DAY)) == (set(), {600})
    one.uninstall()
    assert one.rows("SHOW TABLES LIKE '%latesync%'") == []
    assert closed(two, A_DAY) == set()


def test_one_site_of_a_network_may_have_it_alone(network: Network) -> None:
    one, two = network
    two.activate()
    assert one.rows("SHOW TABLES LIKE 'wp_latesync%'") == []
    be_busy(two, "Europe/Berlin", A_DAY, "10:00", "11:00")
    assert (closed(one, A_DAY), closed(two, A_DAY)) == (set(), {600})


def test_the_form_works_by_admin_ajax_too(bridge: WordPress) -> None:
    be_busy(bridge, "America/New_York", A_DAY, "10:00", "11:00")
    form = {"month": A_MONTH, "agent_id": 1, "service_id": 1}
    page = bridge.post(ROUTE.replace("admin-post", "admin-ajax") + "steps__month", form).text
    assert f'data-date="{A_DAY}" data-bookable-minutes="480,540,660' in page
