"""/metrics: what a machine that watches is told, cheaply, and without anybody's names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from latesync.store.accounts import active_accounts
from latesync.store.alarms import list_alarms, record_alarm, record_alarm_told
from latesync.store.delays import OUTBOUND, record_delays
from latesync.store.leases import EVERYBODY
from latesync.store.pauses import record_paused
from latesync.sync.now import sync_now
from tests.web.salon import BEN, DANA, NOW, OWNER, Salon, open_salon

TOKEN = "a-token-of-some-length"
MOST_STATEMENTS = 12


def scraped(salon: Salon) -> dict[tuple[str, str], float]:
    """(name, its labels) → value."""
    answer = salon.visitor().get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Salon]:
    with open_salon(tmp_path, LATESYNC_METRICS_TOKEN=TOKEN) as salon:
        yield salon


def test_a_fresh_installation_has_metrics_already(salon: Salon) -> None:
    found = scraped(salon)
    assert found["latesync_up", ""] == 1
    assert found["latesync_accounts", "connected"] == 0
    assert found["latesync_delay_seconds_count", "outbound"] == 0
    assert ("latesync_delay_seconds", "outbound,0.95") not in found


def test_accounts_delays_alarms_and_pauses_are_counted(salon: Salon) -> None:
    services = salon.services
    salon.upload()
    salon.connect(DANA)
    salon.connect(BEN, "ben@example.com")
    record_delays(services.database, services.site_id, OUTBOUND, [1000, 2000, 3000], NOW)
    record_alarm(services.database, services.site_id, "held_plan", 0, NOW)
    record_alarm(services.database, services.site_id, "work_late", 0, NOW)
    with services.database.write() as connection:
        (first, _) = list_alarms(connection, services.site_id)
        record_alarm_told(connection, services.site_id, first.id, NOW)
    record_paused(services.database, services.site_id, EVERYBODY, NOW)
    found = scraped(salon)
    assert found["latesync_accounts", "connected"] == 2
    assert found["latesync_delay_seconds", "outbound,0.95"] == 3
    assert found["latesync_delay_seconds_sum", "outbound"] == 6
    assert found["latesync_alarms", "held_plan"] == 1
    assert found["latesync_alarms", "work_late"] == 0  # nobody was told of it yet
    assert found["latesync_paused", ""] == 1
    assert found["latesync_work_due", ""] == 0


def test_each_of_an_agent_s_two_accounts_has_samples_of_its_own(salon: Salon) -> None:
    salon.upload()
    salon.register()
    salon.sign_in_to_outlook(salon.connect(DANA))
    both = active_accounts(salon.services.database, salon.services.site_id, DANA)
    sync_now(salon.services.sync_parts(), "test", both)
    looks = [
        line.split("}")[0]
        for line in salon.visitor().get("/metrics").text.splitlines()
        if line.startswith("latesync_last_good_look_timestamp_seconds{")
    ]
    assert len(looks) == 4
    assert len(set(looks)) == 4  # of two with the same labels Prometheus keeps neither for sure


def test_nothing_of_anybodys_stands_in_it(salon: Salon) -> None:
    salon.upload()
    salon.connect(DANA)
    salon.make_owner()
    text = salon.visitor().get("/metrics").text
    for personal in ("Dana", "dana@", OWNER, "Salon"):
        assert personal not in text


def test_a_scrape_asks_the_booking_site_nothing_and_costs_few_statements(salon: Salon) -> None:
    salon.upload()
    salon.connect(DANA)
    salon.visitor().get("/metrics")
    assert len(statements(salon, salon.services.database.engine)) <= MOST_STATEMENTS
    assert statements(salon, salon.services.site_engine) == []


def statements(salon: Salon, engine: Any) -> list[str]:
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        salon.visitor().get("/metrics")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return asked


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, 401),
        ("Bearer wrong", 401),
        (f"Basic {TOKEN}", 401),
        (f"Bearer {TOKEN}x", 401),
        (f"bearer {TOKEN}", 200),
        (f"Bearer {TOKEN}", 200),
    ],
)
def test_with_a_token_only_who_has_it_reads_them(guarded: Salon, header: str | None, status: int) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = guarded.visitor().get("/metrics", headers=headers)
    assert answer.status_code == status
    assert ("latesync_up" in answer.text) == (status == 200)
    assert TOKEN not in answer.text
