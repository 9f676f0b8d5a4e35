"""What the demo site's pages show, read from its tables."""

import sqlite3
from dataclasses import dataclass
from datetime import date

from .slots import clock_text


@dataclass(frozen=True)
class Service:
    id: int
    name: str
    words: str
    duration: int
    price: int


@dataclass(frozen=True)
class Agent:
    id: int
    name: str
    title: str
    email: str

    @property
    def first_name(self) -> str:
        return self.name.split()[0]


@dataclass(frozen=True)
class ListedBooking:
    """A booking as reception reads it."""

    id: int
    code: str
    day: date
    start: int
    end: int
    status: str
    service: str
    service_id: int
    agent: str
    agent_id: int
    customer: str
    phone: str
    comment: str

    @property
    def times(self) -> str:
        return f"{clock_text(self.start)}–{clock_text(self.end)}"


def read_services(site: sqlite3.Connection) -> list[Service]:
    rows = site.execute("SELECT * FROM wp_latepoint_services WHERE status = 'active' ORDER BY id")
    return [
        Service(
            row["id"],
            row["name"],
            row["short_description"],
            row["duration"],
            round(float(row["charge_amount"])),
        )
        for row in rows
    ]


def read_agents(site: sqlite3.Connection, service_id: int | None = None) -> list[Agent]:
    """The active agents, or those of them who offer a service."""
    rows = site.execute(
        "SELECT DISTINCT agents.* FROM wp_latepoint_agents AS agents "
        "JOIN wp_latepoint_agents_services AS offers ON offers.agent_id = agents.id "
        "WHERE agents.status = 'active' AND (? IS NULL OR offers.service_id = ?) ORDER BY agents.id",
        (service_id, service_id),
    )
    return [Agent(row["id"], row["display_name"], row["title"] or "", row["email"]) for row in rows]


_LISTED = """
SELECT bookings.*, services.name AS service, agents.display_name AS agent, customers.first_name,
       customers.last_name, customers.phone, orders.customer_comment
FROM wp_latepoint_bookings AS bookings
JOIN wp_latepoint_services AS services ON services.id = bookings.service_id
JOIN wp_latepoint_agents AS agents ON agents.id = bookings.agent_id
JOIN wp_latepoint_customers AS customers ON customers.id = bookings.customer_id
LEFT JOIN wp_latepoint_order_items AS items ON items.id = bookings.order_item_id
LEFT JOIN wp_latepoint_orders AS orders ON orders.id = items.order_id
"""


def read_upcoming(site: sqlite3.Connection, today: date) -> list[ListedBooking]:
    rows = site.execute(
        f"{_LISTED} WHERE bookings.start_date >= ? ORDER BY start_date, start_time, bookings.id",
        (str(today),),
    )
    return [_listed(row) for row in rows]


def read_listed(site: sqlite3.Connection, booking_id: int) -> ListedBooking | None:
    row = site.execute(f"{_LISTED} WHERE bookings.id = ?", (booking_id,)).fetchone()
    return None if row is None else _listed(row)


def read_visitors_bookings(site: sqlite3.Connection, agent_id: int) -> list[ListedBooking]:
    """Bookings with an agent that were made on the booking form, newest first; the seeded ones were not."""
    rows = site.execute(
        f"{_LISTED} WHERE orders.source_id = 'booking_form' AND bookings.agent_id = ? "
        "ORDER BY bookings.id DESC",
        (agent_id,),
    )
    return [_listed(row) for row in rows]


def count_busy_slots(site: sqlite3.Connection, agent_id: int) -> int:
    row = site.execute(
        "SELECT count(*) AS n FROM wp_latesync_busy WHERE agent_id = ?", (agent_id,)
    ).fetchone()
    return int(row["n"])


def _listed(row: sqlite3.Row) -> ListedBooking:
    return ListedBooking(
        id=row["id"],
        code=row["booking_code"],
        day=date.fromisoformat(row["start_date"]),
        start=row["start_time"],
        end=row["end_time"],
        status=row["status"],
        service=row["service"],
        service_id=row["service_id"],
        agent=row["agent"],
        agent_id=row["agent_id"],
        customer=f"{row['first_name']} {row['last_name'] or ''}".strip(),
        phone=row["phone"] or "",
        comment=row["customer_comment"] or "",
    )
