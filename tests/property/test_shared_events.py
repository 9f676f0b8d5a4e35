"""A group's event, dragged or deleted: no booking follows, it is put back, and the agent is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from latesync.model import SHARED_EVENT
from latesync.plan.event_settings import EventSettings, Grouping, to_json
from latesync.store.event_settings import write_event_settings
from tests.builders.plugin import FakePlugin
from tests.property.machine.scenes import book, cancel, ours, work
from tests.property.machine.town import Town
from tests.property.test_drift_policies import delete, drag, told, with_plugin


@pytest.fixture
def plugin(town: Town) -> Iterator[FakePlugin]:
    yield from with_plugin(town)


def show_together(town: Town) -> None:
    value = to_json(EventSettings(group=Grouping.TOGETHER))
    write_event_settings(town.database, town.site_id, 0, value, town.clock())


@pytest.mark.parametrize("wish", ["move", "cancel"])
def test_a_wish_about_a_shared_event_is_put_back_and_told(town: Town, plugin: FakePlugin, wish: str) -> None:
    show_together(town)
    book(town)
    book(town)
    town.settle()
    assert ours(town) == ["11-21 09:00"]

    drag(town) if wish == "move" else delete(town)
    town.settle()

    assert ours(town) == ["11-21 09:00"]
    assert plugin.asked == []
    assert [(row.wish, row.reason) for row in told(town)] == [(wish, SHARED_EVENT)]


def test_the_next_customer_keeps_the_event_when_the_first_cancels(town: Town) -> None:
    show_together(town)
    first, _ = book(town), book(town)
    town.settle()
    cancel(town, first)
    work(town)
    assert ours(town) == ["11-21 09:00"]
    town.settle()
    assert ours(town) == ["11-21 09:00"]
