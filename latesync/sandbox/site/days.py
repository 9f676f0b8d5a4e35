"""The two weeks a customer chooses from."""

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .slots import Offer, Slot, read_offer, site_zone

DAYS_SHOWN = 14


@dataclass(frozen=True)
class Day:
    day: date
    free: int
    is_closed: bool


@dataclass(frozen=True)
class Choice:
    """What the day and time picker shows; `day` is None when nothing at all is free."""

    days: list[Day]
    day: date | None
    slots: list[Slot]


def read_choice(
    site: sqlite3.Connection,
    service_id: int,
    agent_id: int,
    wanted: date | None,
    now: datetime,
    *,
    without_booking: int | None = None,
    length: int | None = None,
) -> Choice:
    """The picker for one agent and service; without a wanted day it opens on the first that has room.

    without_booking, length: see read_offer.
    """
    today = now.astimezone(site_zone(site)).date()
    all_days = [today + timedelta(days=number) for number in range(DAYS_SHOWN)]
    offer = read_offer(
        site, service_id, agent_id, all_days[0], all_days[-1], without_booking=without_booking, length=length
    )
    days = [_day(offer, day, now) for day in all_days]
    first_free = next((day.day for day in days if day.free), None)
    chosen = wanted if wanted in all_days else first_free
    return Choice(days, chosen, offer.slots(chosen, now) if chosen else [])


def _day(offer: Offer, day: date, now: datetime) -> Day:
    slots = offer.slots(day, now)
    return Day(day, sum(slot.is_free for slot in slots), is_closed=not slots)
