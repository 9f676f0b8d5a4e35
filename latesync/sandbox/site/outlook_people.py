"""Two more people of Salon Linden, whose calendars are in Outlook, and what is booked with them."""

import sqlite3
from datetime import datetime, timedelta

from .bookings import Appointment, Customer, write_booking
from .database import insert, stamp, writing
from .slots import site_zone

EMIL = ("Emil", "Novak", "emil@salon-linden.example", "Cut and beard")
FARAH = ("Farah", "Haddad", "farah@salon-linden.example", "Cut and colour")
OUTLOOK_AGENTS = (EMIL, FARAH)
_OFFERED = {EMIL: (1, 3), FARAH: (1, 2)}  # ids of seed.SERVICES
_CUSTOMERS = (
    Customer("Paul", "Winter", "paul.winter@mail.example", "+49 151 5550117"),
    Customer("Lena", "Okafor", "lena@mail.example", "+49 151 5550118"),
)
# days from the coming Monday, start in minutes, service, who, customer
_BOOKINGS = ((0, 600, 1, EMIL, 0), (1, 840, 3, EMIL, 1), (2, 660, 1, FARAH, 1), (3, 780, 2, FARAH, 0))


def add_outlook_people(site: sqlite3.Connection, now: datetime) -> None:
    """Into a site that `prepare_site` has filled; safe to repeat."""
    with writing(site):
        known = site.execute("SELECT 1 FROM wp_latepoint_agents WHERE email = ?", (EMIL[2],)).fetchone()
        if known is None:
            _add(site, now)


def _add(site: sqlite3.Connection, now: datetime) -> None:
    ids = {agent: _add_agent(site, agent, now) for agent in OUTLOOK_AGENTS}
    today = now.astimezone(site_zone(site)).date()
    monday = today + timedelta(days=7 - today.weekday())
    for day, minute, service, agent, customer in _BOOKINGS:
        wanted = Appointment(service, ids[agent], monday + timedelta(days=day), minute)
        write_booking(
            site, wanted, _CUSTOMERS[customer], now - timedelta(hours=7), source="seed", status="approved"
        )


def _add_agent(site: sqlite3.Connection, agent: tuple[str, str, str, str], now: datetime) -> int:
    first, last, email, title = agent
    stamps = {"created_at": stamp(now), "updated_at": stamp(now)}
    agent_id = insert(
        site, "wp_latepoint_agents", first_name=first, last_name=last, display_name=f"{first} {last}",
        email=email, title=title, status="active", **stamps,
    )  # fmt: skip
    for service_id in _OFFERED[agent]:
        insert(
            site, "wp_latepoint_agents_services", agent_id=agent_id, service_id=service_id, location_id=1,
            **stamps,
        )  # fmt: skip
    return agent_id
