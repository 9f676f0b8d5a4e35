"""The week before the demo's first start: one sign-in has ended, one ends soon, and mails go out all day."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from latesync.cli.demo_week import AWAKE_FROM, AWAKE_UNTIL
from latesync.plan.waking import WakingHours, is_awake, next_waking, parse_waking_hours, waking_hours_text
from latesync.sandbox.demo_world import open_world, register_client, sign_in_earlier
from latesync.sandbox.google.world import GoogleWorld
from latesync.sandbox.site.seed import AGENTS
from latesync.times import Zone
from tests.demo.conftest import NOW

ANNA, BEN, DANA = (email for _, _, email, _ in AGENTS)
MIDNIGHT = datetime(2026, 10, 19, 22, tzinfo=UTC)  # in Berlin
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def a_week_old_world(tmp_path: Path) -> GoogleWorld:
    world = open_world(tmp_path / "google.json", NOW)
    world.freeze(NOW)
    register_client(world, "http://127.0.0.1:8090", "http://localhost:8080/oauth/google/callback")
    return world


def test_one_sign_in_has_ended_and_the_other_ends_in_two_days(tmp_path: Path) -> None:
    world = a_week_old_world(tmp_path)
    ben, dana = sign_in_earlier(world)
    assert (ben["email"], dana["email"]) == (BEN, DANA)
    assert datetime.fromisoformat(ben["ends_at"]) < NOW
    assert timedelta(0) < datetime.fromisoformat(dana["ends_at"]) - NOW - timedelta(days=2) < MINUTE
    assert [email for email in (ANNA, BEN, DANA) if world.is_let_in(email)] == [DANA]
    assert world.now() == NOW.timestamp()


def test_the_demo_sleeps_for_one_minute_before_midnight() -> None:
    hours = WakingHours(AWAKE_FROM, AWAKE_UNTIL, Zone("Europe/Berlin"))
    assert parse_waking_hours(waking_hours_text(AWAKE_FROM, AWAKE_UNTIL)) == (AWAKE_FROM, AWAKE_UNTIL)
    assert is_awake(MIDNIGHT, hours)
    assert is_awake(MIDNIGHT - MINUTE - SECOND, hours)
    assert not is_awake(MIDNIGHT - MINUTE, hours)
    assert next_waking(MIDNIGHT - MINUTE, hours) == MIDNIGHT
