"""The stand-in for LatePoint behaves as the facts say: only then is a test against it worth something."""

from __future__ import annotations

import json

import pytest

from tests.wordpress.days import A_DAY, clock_changes
from tests.wordpress.hooks import HookRecorder
from tests.wordpress.site import PhpFailed, WordPress

EVERY_HOUR = list(range(480, 961, 60))


def block(site: WordPress, *periods: dict[str, int | None]) -> None:
    """Have a hook block these on A_DAY, and nothing else."""
    blocked = json.dumps(periods)
    site.add_code(
        f"""add_filter( 'latepoint_blocked_periods_for_range', static function ( $days ) {{
            foreach ( json_decode( '{blocked}', true ) as $period ) {{
                $period += array( 'start_date' => '{A_DAY}', 'end_date' => '{A_DAY}' );
                $days['{A_DAY}'][] = new \\LatePoint\\Misc\\BlockedPeriod( $period );
            }}
            return $days;
        }} );"""
    )


def period(start: int | None, end: int | None, agent: int | None = 1) -> dict[str, int | None]:
    return {"agent_id": agent, "start_time": start, "end_time": end}


# Slots (latepoint.md §3.1, latepoint-live.md §1b)


def test_a_free_day_offers_every_hour(every_latepoint: WordPress) -> None:
    assert every_latepoint.slots(A_DAY, agent=1) == EVERY_HOUR


def test_a_blocked_period_takes_the_slots_it_touches(wordpress: WordPress) -> None:
    gone = {
        (630, 720): {600, 660},
        (660, 720): {660},  # half-open
        (630, 630): {600},  # no length, inside a slot
        (660, 660): set(),
        (0, 1439): set(EVERY_HOUR),
        (-30, 1500): set(EVERY_HOUR),
        (700, 620): set(),
    }
    for (start, end), taken in gone.items():
        block(wordpress, period(start, end))
        assert set(EVERY_HOUR) - set(wordpress.slots(A_DAY, agent=1)) == taken, (start, end)
        assert wordpress.slots(A_DAY, agent=2) == EVERY_HOUR


def test_a_blocked_period_of_nobody_blocks_everybody(wordpress: WordPress) -> None:
    for nobody in (0, None):
        block(wordpress, period(600, 660, agent=nobody))
        assert 600 not in wordpress.slots(A_DAY, "any")


def test_buffers_widen_what_a_blocked_period_takes(wordpress: WordPress) -> None:
    block(wordpress, period(660, 720))
    assert set(EVERY_HOUR) - set(wordpress.slots(A_DAY, agent=1, service=2)) == {600, 660, 720}


def test_a_blocked_period_closes_the_free_seats_of_a_group_too(wordpress: WordPress) -> None:
    assert wordpress.bookings.book(A_DAY, 600, service=3).ok
    assert 600 in wordpress.slots(A_DAY, agent=1, service=3)
    block(wordpress, period(600, 660))
    assert 600 not in wordpress.slots(A_DAY, agent=1, service=3)


def test_a_group_is_full_when_its_seats_are(wordpress: WordPress) -> None:
    assert wordpress.bookings.book(A_DAY, 600, service=3, total_attendees=3).ok
    assert not wordpress.bookings.book(A_DAY, 600, service=3, total_attendees=2).ok
    assert wordpress.bookings.book(A_DAY, 600, service=3).ok
    assert 600 not in wordpress.slots(A_DAY, agent=1, service=3)


def test_only_bookings_of_a_blocking_status_take_time(wordpress: WordPress) -> None:
    booking = wordpress.bookings.book(A_DAY, 600)
    assert 600 not in wordpress.slots(A_DAY, agent=1)
    wordpress.bookings.change_status(booking.booking_id, "pending")
    assert 600 in wordpress.slots(A_DAY, agent=1)


def test_a_booking_over_midnight_takes_nothing(wordpress: WordPress) -> None:
    wordpress.set_work_hours(0, 1440)
    created = wordpress.bookings.admin_create(A_DAY, 1380, duration=120)
    row = wordpress.bookings.row(created.booking_id)
    assert (row["start_time"], row["end_time"]) == (1380, 60)
    assert 1380 in wordpress.slots(A_DAY, agent=1)


def test_rows_of_blocked_periods_are_not_read_without_the_pro_add_on(wordpress: WordPress) -> None:
    wordpress.run(
        "INSERT INTO wp_latepoint_blocked_periods (start_date, end_date, start_time, end_time, agent_id,"
        " service_id, location_id) VALUES (:day, :day, 0, 1440, 1, 0, 0)",
        day=A_DAY,
    )
    assert wordpress.slots(A_DAY, agent=1) == EVERY_HOUR


def test_hours_of_a_date_outrank_the_week(wordpress: WordPress) -> None:
    for start, end in ((480, 630), (720, 1020)):
        wordpress.run(
            "INSERT INTO wp_latepoint_work_periods (agent_id, service_id, location_id, start_time, end_time,"
            " week_day, custom_date) VALUES (1, 0, 0, :start, :end, WEEKDAY(:day) + 1, :day)",
            start=start,
            end=end,
            day=A_DAY,
        )
    assert wordpress.slots(A_DAY, agent=1) == [480, 540, 720, 780, 840, 900, 960]
    assert wordpress.slots(A_DAY, agent=2) == EVERY_HOUR


def test_the_past_is_not_offered(wordpress: WordPress) -> None:
    assert set(map(tuple, wordpress.month("2020-03").values())) == {()}


def test_another_zone_widens_the_range_by_two_days(wordpress: WordPress) -> None:
    wordpress.add_code(
        "add_filter( 'latepoint_blocked_periods_for_range', static function ( $days, $filter ) {"
        " file_put_contents( WP_CONTENT_DIR . '/range', \"$filter->date_from $filter->date_to\" );"
        " return $days; }, 10, 2 );"
    )
    wordpress.month("2031-03", agent=1)
    assert (wordpress.content / "range").read_text() == "2031-03-01 2031-03-31"
    in_berlin = wordpress.month("2031-01", agent=1, timezone_name="Europe/Berlin")
    assert (wordpress.content / "range").read_text() == "2030-12-30 2031-02-02"
    assert in_berlin["2031-01-10"] == [minute + 360 for minute in EVERY_HOUR]


# The hook's bounds (latepoint.md §3.2)


@pytest.mark.parametrize("name", ["start_time", "end_time", "start_date"])
def test_null_in_a_blocked_period_is_a_type_error(wordpress: WordPress, name: str) -> None:
    wordpress.expect_in_log(rf"TypeError.*BlockedPeriod::\${name}")
    with pytest.raises(PhpFailed, match="TypeError"):
        wordpress.php(f"return new \\LatePoint\\Misc\\BlockedPeriod( array( '{name}' => null ) );")


def test_numbers_may_come_as_strings_and_a_reason_is_deprecated(wordpress: WordPress) -> None:
    wordpress.expect_in_log("Creation of dynamic property .*reason")
    made = wordpress.php(
        "return new \\LatePoint\\Misc\\BlockedPeriod("
        " array( 'agent_id' => '3', 'start_time' => '600', 'end_time' => '660', 'reason' => 'x' ) );"
    )
    assert (made["agent_id"], made["start_time"], made["end_time"]) == (3, 600, 660)
    assert wordpress.logged("Creation of dynamic property .*reason")


def test_the_hook_gets_a_third_argument_from_5_6_5_on(every_latepoint: WordPress) -> None:
    every_latepoint.add_code(
        "add_filter( 'latepoint_blocked_periods_for_range', static function ( ...$given ) {"
        " $filter = $given[1]; $people = array();"
        " foreach ( $filter->connections as $one ) { $people[] = (int) $one->agent_id; }"
        " file_put_contents( WP_CONTENT_DIR . '/given',"
        " json_encode( array( count( $given ), $given[2] ?? null, $people, count( $given[0] ) ) ) );"
        " return $given[0]; }, 10, 9 );"
    )
    every_latepoint.month("2031-03", "any", service=3)
    given = json.loads((every_latepoint.content / "given").read_text())
    is_newest = every_latepoint.latepoint == "5.6.5"
    assert given == [3 if is_newest else 2, False if is_newest else None, [1, 2, 3], 31]


@pytest.mark.parametrize(
    "answer",
    ["null", "array()", "array_map( static fn() => array( new stdClass() ), $days )", "wp_die_now()"],
)
def test_a_wrong_answer_of_a_hook_breaks_the_form(wordpress: WordPress, answer: str) -> None:
    wordpress.expect_in_log(r"Uncaught (TypeError|Error)|Undefined array key")
    wordpress.add_code(
        "add_filter( 'latepoint_blocked_periods_for_range',"
        f" static function ( $days ) {{ return {answer}; }} );"
    )
    form = {"month": A_DAY[:7], "service_id": 1}
    page = wordpress.post("wp-admin/admin-post.php?action=latepoint_route_call&route_name=steps__month", form)
    assert page.status_code == 500


def test_a_booking_without_an_end_breaks_the_month_for_every_agent(wordpress: WordPress) -> None:
    wordpress.expect_in_log(r"TypeError.*BookedPeriod::\$end_time")
    booking = wordpress.bookings.book(A_DAY, 600)
    wordpress.run("UPDATE wp_latepoint_bookings SET end_time = NULL WHERE id = :id", id=booking.booking_id)
    with pytest.raises(AssertionError, match="500"):
        wordpress.month(A_DAY[:7], agent=2)


# Submitting


def test_what_was_taken_meanwhile_is_refused_and_leaves_no_row(wordpress: WordPress) -> None:
    assert wordpress.bookings.book(A_DAY, 600).ok
    answer = wordpress.bookings.book(A_DAY, 600, name="Sam")
    assert (answer.ok, answer.message) == (False, "Selected booking slot is not available anymore")
    assert wordpress.value("SELECT COUNT(*) FROM wp_latepoint_bookings") == 1


def test_any_agent_is_whoever_is_free(wordpress: WordPress) -> None:
    assert [wordpress.bookings.book(A_DAY, 600, "any", name=name).agent_id for name in ("Kim", "Lou")] == [
        1,
        2,
    ]
    assert 600 not in wordpress.slots(A_DAY, "any")


def test_an_owner_may_book_onto_taken_time(wordpress: WordPress) -> None:
    block(wordpress, period(0, 1440))
    assert wordpress.bookings.admin_create(A_DAY, 600).ok


def test_a_request_lasts_as_long_as_the_column_duration(wordpress: WordPress) -> None:
    booking = wordpress.bookings.admin_create(A_DAY, 600)
    wordpress.bookings.edit(booking.order_id, booking.booking_id, end_time=720)
    row = wordpress.bookings.row(booking.booking_id)
    assert (row["duration"], row["end_time"]) == (60, 720)
    asked = "return \\LatePoint\\Misc\\BookingRequest::create_from_booking_model( new OsBookingModel( {} ) )"
    assert wordpress.php(asked.format(booking.booking_id) + "->get_total_duration();") == 60
    wordpress.add_code(
        "add_filter( 'latepoint_calculated_total_duration', static fn( $minutes ) => $minutes + 15 );"
    )
    assert wordpress.php(asked.format(booking.booking_id) + "->get_total_duration();") == 75


def test_a_booking_does_not_stand_in_its_own_way(wordpress: WordPress) -> None:
    booking = wordpress.bookings.book(A_DAY, 600)
    available = (
        "return OsBookingHelper::is_booking_request_available( \\LatePoint\\Misc\\BookingRequest"
        "::create_from_booking_model( new OsBookingModel( {0} ) ), array( {1} ) );"
    )
    assert not wordpress.php(available.format(booking.booking_id, ""))
    excluded = f"'exclude_booking_ids' => array( {booking.booking_id} )"
    assert wordpress.php(available.format(booking.booking_id, excluded))


# Rows and times (latepoint.md §2.3, latepoint-live.md §4b)


def test_an_end_at_midnight_is_stored_a_day_late(wordpress: WordPress) -> None:
    created = wordpress.bookings.admin_create("2031-06-10", 1380)
    row = wordpress.bookings.row(created.booking_id)
    assert (str(row["end_date"]), row["end_time"]) == ("2031-06-11", 1440)
    assert str(row["end_datetime_utc"]) == "2031-06-12 04:00:00"
    beyond = wordpress.bookings.admin_create("2031-06-10", 1410)
    row = wordpress.bookings.row(beyond.booking_id)
    assert (str(row["end_date"]), row["end_time"]) == ("2031-06-11", 30)


def test_a_start_at_midnight_has_utc_columns_in_latepoint_4_only(every_latepoint: WordPress) -> None:
    created = every_latepoint.bookings.admin_create("2031-06-10", 0)
    utc = every_latepoint.bookings.row(created.booking_id)["start_datetime_utc"]
    assert str(utc) == ("None" if every_latepoint.latepoint == "5.6.5" else "2031-06-10 04:00:00")


def test_a_start_in_the_gap_of_spring_has_no_length_in_utc(wordpress: WordPress) -> None:
    spring, _ = clock_changes("America/New_York")
    created = wordpress.bookings.admin_create(str(spring), 150)
    row = wordpress.bookings.row(created.booking_id)
    assert row["start_datetime_utc"] == row["end_datetime_utc"]


@pytest.mark.parametrize(
    ("zone", "name"), [(5.5, "+05:30"), (-3.5, "-03:30"), (-0.5, "+00:30"), ("Asia/Kolkata", "Asia/Kolkata")]
)
def test_the_zone_is_a_name_or_an_offset(wordpress: WordPress, zone: str | float, name: str) -> None:
    wordpress.set_zone(zone)
    assert wordpress.php("return OsTimeHelper::get_wp_timezone_name();") == name


def test_stamps_are_utc_in_5_and_the_site_s_in_4(every_latepoint: WordPress) -> None:
    every_latepoint.set_zone("Asia/Kolkata")
    created = every_latepoint.bookings.admin_create(A_DAY, 600)
    row = every_latepoint.bookings.row(created.booking_id)
    ahead = every_latepoint.value(
        "SELECT TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), :stamp)", stamp=row["updated_at"]
    )
    assert abs(ahead - (0 if every_latepoint.latepoint == "5.6.5" else 330)) <= 1


def test_an_upgrade_adds_columns_and_removes_none(latepoint_4: WordPress) -> None:
    latepoint_4.install_latepoint("5.6.5")
    latepoint_4.get("/")
    columns = {row["Field"] for row in latepoint_4.rows("SHOW COLUMNS FROM wp_latepoint_bookings")}
    assert {"total_attendies", "total_attendees", "order_item_id"} <= columns
    assert latepoint_4.option("latepoint_db_version") == "2.3.1"


# Hooks (latepoint.md §2.8, latepoint-live.md §3)


def names(fired: list[str]) -> list[str]:
    return [line.split()[0] for line in fired]


def models(fired: list[str]) -> list[str]:
    return [line.split()[1].partition("#")[0] for line in fired if line.startswith("model_save")]


def test_a_form_booking_writes_the_booking_last_and_tells(wordpress: WordPress) -> None:
    recorder = HookRecorder.start(wordpress)
    wordpress.bookings.book(A_DAY, 600, name="New")
    fired = recorder.take()
    order = [
        "OsCustomerModel",
        "OsOrderIntentModel",
        "OsOrderModel",
        "OsOrderItemModel",
        "OsOrderIntentModel",
    ]
    assert models(fired) == [*order, "OsBookingModel"]
    told = ["customer_created", "booking_created", "order_created"]
    assert [name for name in names(fired) if name != "model_save"] == told


def test_latepoint_4_knows_no_orders(latepoint_4: WordPress) -> None:
    recorder = HookRecorder.start(latepoint_4)
    created = latepoint_4.bookings.book(A_DAY, 600)
    assert recorder.take() == [
        f"model_save OsBookingModel#{created.booking_id}",
        f"booking_created OsBookingModel#{created.booking_id}",
    ]
    latepoint_4.bookings.edit(0, created.booking_id, status="cancelled")
    assert "booking_change_status" not in names(recorder.take())


def test_a_save_of_the_panel_tells_of_every_booking_of_the_order(wordpress: WordPress) -> None:
    one = wordpress.bookings.book(A_DAY, 600)
    wordpress.run(
        "INSERT INTO wp_latepoint_bookings SELECT 0, 'SECOND1', start_date, end_date, 720, 780, NULL,"
        " NULL, 0, 0, 60, status, customer_id, service_id, agent_id, location_id, order_item_id, 1,"
        " NULL, NULL, NULL, created_at, updated_at FROM wp_latepoint_bookings"
    )
    recorder = HookRecorder.start(wordpress)
    wordpress.bookings.edit(one.order_id, one.booking_id, status="pending")
    fired = recorder.take()
    assert [line for line in fired if line.startswith("booking_")] == [
        "booking_updated OsBookingModel#1 OsBookingModel#1",
        "booking_change_status OsBookingModel#1 OsBookingModel#1",
        "booking_updated OsBookingModel#2 OsBookingModel#2",
    ]
    assert names(fired)[-1] == "order_updated"


def test_each_other_path_tells_what_the_facts_say_and_no_more(wordpress: WordPress) -> None:
    bookings, recorder = wordpress.bookings, HookRecorder.start(wordpress)

    def new() -> int:
        created = bookings.book(A_DAY, 600).booking_id
        recorder.take()
        return created

    booking = new()
    bookings.change_status(booking, "pending")
    assert names(recorder.take()) == ["model_save", "booking_updated"]
    wordpress.php(f"return OsBookingHelper::change_booking_status( {booking}, 'approved' );")
    assert names(recorder.take()) == ["model_save", "booking_updated", "booking_updated"]
    assert bookings.reschedule_by_link(booking, A_DAY, 660).ok
    assert names(recorder.take()) == ["model_save", "booking_updated"]
    bookings.ability_update(booking, start_date="2031-01-01")
    assert names(recorder.take()) == ["model_save"]
    bookings.ability_delete(booking)
    assert names(recorder.take()) == ["model_deleted"]
    bookings.delete(new())
    assert names(recorder.take()) == ["booking_will_be_deleted", "model_deleted", "booking_deleted"]
    order = bookings.book(A_DAY, 600).order_id
    recorder.take()
    bookings.delete_order(order)
    assert names(recorder.take()) == ["booking_will_be_deleted", "model_deleted", "model_deleted"]
    bookings.remove_order_item(bookings.row(new())["order_item_id"])
    assert names(recorder.take()) == ["order_item_will_be_deleted", "model_deleted", "order_item_deleted"]
    new()
    bookings.delete_agent(1)
    assert recorder.take() == []
    bookings.delete_service(1)
    assert names(recorder.take()) == ["service_deleted"]
    assert wordpress.value("SELECT COUNT(*) FROM wp_latepoint_bookings") == 0


def test_deleting_a_customer_tells_only_of_models(wordpress: WordPress) -> None:
    created = wordpress.bookings.book(A_DAY, 600)
    customer = wordpress.bookings.row(created.booking_id)["customer_id"]
    recorder = HookRecorder.start(wordpress)
    wordpress.bookings.delete_customer(customer)
    assert recorder.take() == [
        f"model_deleted OsBookingModel#{created.booking_id} {created.booking_id}",
        f"model_deleted OsCustomerModel#{customer} {customer}",
    ]


# What the fixture itself watches for


def test_complaints_of_ours_are_found_in_the_log_and_others_are_not(wordpress: WordPress) -> None:
    assert wordpress.troubles_in_log() == []
    plugin = wordpress.content / "plugins" / "latesync-bridge" / "latesync-bridge.php"
    plugin.write_text(plugin.read_text() + "\necho $latesync_bridge_not_there;\n")
    wordpress.php("trigger_error( 'not ours' ); return true;")
    assert wordpress.troubles_in_log() == []
    wordpress.activate()
    wordpress.get("/")
    assert any("Undefined variable" in trouble for trouble in wordpress.troubles_in_log())
    wordpress.expect_in_log("Undefined variable")
    wordpress.expect_in_log("headers already sent|unexpected output")
    assert wordpress.troubles_in_log() == []


# Staff


@pytest.mark.parametrize("view", ["day_view", "week_view", "dashboard"])
def test_add_ons_print_into_the_pages_of_staff(every_latepoint: WordPress, view: str) -> None:
    every_latepoint.add_code(
        "$print = static function ( $date, $args ) {"
        " echo 'printed-', $date->format( 'Y-m-d' ), '-', $args['agent_id'], ';'; };"
        " add_action( 'latepoint_calendar_daily_timeline', $print, 10, 2 );"
        " add_action( 'latepoint_appointments_timeline', $print, 10, 2 );"
    )
    page = getattr(every_latepoint.bookings, view)(A_DAY)
    assert f"printed-{A_DAY}-2;" in page
    assert page.count("printed-") == (21 if view == "week_view" else 3)


def test_only_staff_get_in(wordpress: WordPress) -> None:
    assert "data-agent-id" in wordpress.bookings.day_view(A_DAY, user="anna")
    asked = "wp-admin/admin.php?page=latepoint"
    assert wordpress.get(asked, wordpress.login("guest")).status_code == 403
    assert wordpress.post("wp-admin/admin-post.php?action=latepoint_route_call&route_name=orders__destroy",
                          {"id": 1}).status_code == 403  # fmt: skip
