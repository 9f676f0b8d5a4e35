"""Salon Linden in Berlin: three people, three services, two weeks of bookings."""

import sqlite3
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from .bookings import Appointment, Customer, write_booking
from .database import insert, stamp, writing
from .schema import create_tables
from .slots import site_zone

ZONE = "Europe/Berlin"
AGENTS = (
    ("Anna", "Berg", "anna@salon-linden.example", "Owner, cut and colour"),
    ("Ben", "Cho", "ben@salon-linden.example", "Cut and beard"),
    ("Dana", "Reyes", "dana@salon-linden.example", "Colour"),
)
OWNER = ("The salon’s owner", "office@salon-linden.example")  # who looks after LateSync
# name, words, minutes, buffer after, price, who offers it
SERVICES = (
    ("Cut & finish", "Wash, cut and blow-dry", 60, 0, "48.00", (1, 2, 3)),
    ("Colour", "Roots or full colour, with finish", 120, 15, "95.00", (1, 3)),
    ("Beard trim", "Hot towel, trim and oil", 30, 0, "22.00", (1, 2)),
)
_LOCATION = ("Salon Linden", "Lindenstraße 12, 10969 Berlin")

_OPTIONS = {
    "home": "https://salon-linden.example",
    "siteurl": "https://salon-linden.example",
    "blogname": "Salon Linden",
    "admin_email": "anna@salon-linden.example",
    "timezone_string": ZONE,
    "gmt_offset": "",
    "date_format": "j F Y",
    "time_format": "H:i",
    "active_plugins": 'a:1:{i:0;s:23:"latepoint/latepoint.php";}',
    "latepoint_db_version": "2.3.1",
    "latepoint_plugin_version": "2.3.1",
}
_SETTINGS = {
    "business_name": "Salon Linden",
    "business_phone": "+49 30 5550100",
    "business_address": _LOCATION[1],
    "default_booking_status": "approved",
    "timeslot_blocking_statuses": "approved",
    "calendar_hidden_statuses": "cancelled",
    "need_action_statuses": "pending,payment_pending",
    "additional_booking_statuses": "",
    "steps_show_timezone_selector": "off",
    "time_system": "24",
}
_CUSTOMERS = (
    Customer("Mara", "Vogel", "mara.vogel@mail.example", "+49 151 5550111"),
    Customer("Jonas", "Keller", "jonas.keller@mail.example", "+49 151 5550112"),
    Customer("Elif", "Yılmaz", "elif@mail.example", "+49 151 5550113"),
    Customer("Tom", "Hansen", "tom.hansen@mail.example", "+49 151 5550114"),
    Customer("Sofia", "Marques", "sofia@mail.example", "+49 151 5550115"),
    Customer("Lukas", "Brandt", "lukas.brandt@mail.example", "+49 151 5550116"),
)
# which open day from tomorrow, start in minutes, service, agent, customer, status, comment
_BOOKINGS = (
    (0, 600, 1, 1, 0, "approved", ""),
    (0, 840, 2, 3, 2, "approved", "A shade darker than last time, please."),
    (1, 570, 3, 2, 1, "approved", ""),
    (1, 660, 1, 1, 4, "approved", ""),
    (2, 840, 1, 2, 3, "approved", ""),
    (3, 540, 2, 1, 2, "approved", "Allergic to ammonia."),
    (3, 660, 1, 3, 0, "approved", ""),
    (4, 600, 1, 3, 4, "cancelled", ""),
    (5, 780, 3, 1, 5, "approved", ""),
    (6, 600, 1, 2, 5, "approved", "First visit."),
    (8, 900, 1, 1, 3, "pending", ""),
    (9, 600, 2, 3, 4, "approved", ""),
    (10, 720, 1, 1, 1, "approved", ""),
)  # fmt: skip


def prepare_site(site: sqlite3.Connection, now: datetime) -> None:
    """Make the tables and, in an empty site, everything in them."""
    with writing(site):
        create_tables(site)
        if site.execute("SELECT 1 FROM wp_options").fetchone() is None:
            _fill(site, now)


def activate_plugin(site: sqlite3.Connection) -> None:
    """List LateSync's plugin among the active ones, as WordPress writes it down; safe to repeat."""
    listed = 'a:2:{i:0;s:35:"latesync-bridge/latesync-bridge.php";i:1;s:23:"latepoint/latepoint.php";}'
    site.execute("UPDATE wp_options SET option_value = ? WHERE option_name = 'active_plugins'", (listed,))


def _fill(site: sqlite3.Connection, now: datetime) -> None:
    stamps = {"created_at": stamp(now), "updated_at": stamp(now)}
    for name, value in _OPTIONS.items():
        insert(site, "wp_options", option_name=name, option_value=value)
    for name, value in _SETTINGS.items():
        insert(site, "wp_latepoint_settings", name=name, value=value, **stamps)
    insert(
        site,
        "wp_latepoint_locations",
        name=_LOCATION[0],
        full_address=_LOCATION[1],
        status="active",
        **stamps,
    )
    _add_people(site, stamps)
    _add_services(site, stamps)
    _add_work_hours(site, stamps)
    _add_bookings(site, now)


def _add_people(site: sqlite3.Connection, stamps: dict[str, str]) -> None:
    for first, last, email, title in AGENTS:
        insert(
            site, "wp_latepoint_agents", first_name=first, last_name=last, display_name=f"{first} {last}",
            email=email, title=title, status="active", **stamps,
        )  # fmt: skip


def _add_services(site: sqlite3.Connection, stamps: dict[str, str]) -> None:
    for name, words, duration, after, price, agents in SERVICES:
        service_id = insert(
            site, "wp_latepoint_services", name=name, short_description=words, duration=duration,
            buffer_before=0, buffer_after=after, charge_amount=price, price_min=price, price_max=price,
            capacity_min=1, capacity_max=1, timeblock_interval=30, status="active", visibility="visible",
            **stamps,
        )  # fmt: skip
        for agent_id in agents:
            insert(
                site, "wp_latepoint_agents_services", agent_id=agent_id, service_id=service_id, location_id=1,
                **stamps,
            )  # fmt: skip


def _add_work_hours(site: sqlite3.Connection, stamps: dict[str, str]) -> None:
    """Monday to Friday 9–18, Saturday 9–14, Sunday closed; Dana has her Saturdays off."""
    hours = [(0, day, 540, 1080) for day in range(1, 6)] + [(0, 6, 540, 840), (0, 7, 0, 0), (3, 6, 0, 0)]
    for agent_id, week_day, start, end in hours:
        insert(
            site, "wp_latepoint_work_periods", agent_id=agent_id, service_id=0, location_id=0,
            start_time=start, end_time=end, week_day=week_day, **stamps,
        )  # fmt: skip


def _add_bookings(site: sqlite3.Connection, now: datetime) -> None:
    """Made over the days before, so that the demo's own first booking is the newest."""
    days = list(_open_days(now.astimezone(site_zone(site)).date(), count=12))
    for number, (nth, minute, service, agent, customer, status, comment) in enumerate(_BOOKINGS):
        write_booking(
            site,
            Appointment(service, agent, days[nth], minute),
            _CUSTOMERS[customer],
            now - timedelta(hours=5 * (len(_BOOKINGS) - number)),
            comment=comment,
            source="seed",
            status=status,
        )


def _open_days(today: date, count: int) -> Iterator[date]:
    """The next days on which all three work, from tomorrow on."""
    day = today
    while count:
        day += timedelta(days=1)
        if day.isoweekday() <= 5:
            count -= 1
            yield day
