"""Busy time where the WordPress plugin cannot be installed: no table of LateSync's, but Pro Features."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from latesync.latepoint.off_periods import SUMMARY
from tests.site.builders import Site
from tests.system.installation import DANA, Installation, at, day
from tests.system.waiting import eventually

PRO = 'a:2:{i:0;s:23:"latepoint/latepoint.php";i:1;s:49:"latepoint-pro-features/latepoint-pro-features.php";}'
FREE = 'a:1:{i:0;s:23:"latepoint/latepoint.php";}'


def off_periods(site: Site) -> list[tuple[Any, ...]]:
    table = site.table("blocked_periods")
    columns = (table.c.summary, table.c.agent_id, table.c.start_date, table.c.start_time, table.c.end_time)
    with site.engine.connect() as connection:
        rows = connection.execute(select(*columns).order_by(table.c.start_date, table.c.start_time)).all()
    return [(row[0], row[1], str(row[2]), *row[3:]) for row in rows]


def chosen(bare: Installation) -> str:
    """Set up without the plugin, its way chosen and granted as LateSync says; returns Dana's calendar."""
    bare.set_up()
    bare.site.set_option("active_plugins", PRO)
    refused = bare.latesync("settings", "--busy-time", "off-periods")
    assert refused.code == 2
    bare.grant([refused.err[refused.err.index("GRANT ") :].strip().rstrip(";")])
    assert "--busy-time off-periods" in bare.fine("settings", "--busy-time", "off-periods")
    return bare.connect()


def test_busy_time_becomes_off_periods_and_goes_again(bare: Installation, site: Site) -> None:
    calendar = chosen(bare)
    bare.google.put_event(calendar, at(3, 14), at(3, 15, 30))

    synced = bare.json("sync")

    assert (synced["busy_added"], synced["missing_tables"], synced["needs_person"]) == (1, [], False)
    assert off_periods(site) == [(SUMMARY, DANA, day(3), 840, 930)]
    status = bare.json("status")
    assert (status["busy_way"], status["missing_tables"], status["needs_person"]) == (
        "off_periods",
        [],
        False,
    )
    findings = {finding["subject"]: finding for finding in bare.json("doctor")}
    assert findings["booking form"]["verdict"] == "fine"
    assert findings["busy times"]["verdict"] == "note"
    granted = bare.fine("doctor", "--print-grants", bare.user)
    assert "wp_latepoint_blocked_periods" in granted

    # Back to the plugin, which is not there: the rows go, and doctor says what is missing.
    bare.fine("settings", "--busy-time", "plugin")
    assert bare.latesync("sync").code == 1
    assert off_periods(site) == []
    examined = bare.latesync("doctor")
    assert examined.code == 1
    assert "latesync settings --busy-time off-periods" in examined.out
    assert "blocked_periods" not in bare.fine("doctor", "--print-grants", bare.user)


def test_the_worker_writes_them_and_follows_the_owner(bare: Installation, site: Site) -> None:
    calendar = chosen(bare)
    event = bare.google.put_event(calendar, at(3, 14), at(3, 15))
    with bare.running("worker") as worker:
        eventually(lambda: len(off_periods(site)) == 1, "the row stands", why=lambda: worker.said)
        bare.google.put_event(calendar, at(4, 9), at(4, 10))
        bare.fine("sync")
        assert [row[2:] for row in off_periods(site)] == [(day(3), 840, 900), (day(4), 540, 600)]
        bare.latesync("settings", "--busy-time", "plugin")
        eventually(lambda: off_periods(site) == [], "the rows are gone", why=lambda: worker.said)
        assert worker.stop() == 0
    assert event


def test_without_pro_features_off_periods_are_refused_and_doctor_does_not_recommend_them(
    fresh: Installation, site: Site
) -> None:
    fresh.set_up()
    fresh.connect()
    site.set_option("active_plugins", FREE)
    refused = fresh.latesync("settings", "--busy-time", "off-periods")
    assert refused.code == 2
    assert "Pro Features" in refused.err
    assert fresh.json("settings")["busy_time"] == "plugin"
    findings = [row for row in fresh.json("doctor") if row["subject"] == "booking form"]
    assert [row["verdict"] for row in findings] == ["note"]
    assert "off-periods" not in findings[0]["remedy"]
    site.set_option("active_plugins", FREE.replace("latepoint/latepoint.php", "latesync-bridge/l.php"))
    findings = [row for row in fresh.json("doctor") if row["subject"] == "booking form"]
    assert [row["verdict"] for row in findings] == ["fine"]
