"""A booking site's database for tests: LatePoint's tables, and rows as LatePoint writes them.

    site = create_site(engine, version="5.6.5", prefix="wp_")
    site.insert_booking(agent_id=1, start_date="2026-12-01", start_time=600)

Rows say only what matters; the rest is what an ordinary booking has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine, column, delete, insert, select, table, update

from tests.site.ddl import DB_VERSIONS, NEWEST, create_statements, tables_of

WRITTEN_AT = "2026-11-01 08:00:00"


@dataclass
class Site:
    """The database of one site; every method commits."""

    engine: Engine
    version: str = NEWEST
    prefix: str = "wp_"
    _next_code: int = field(default=0, repr=False)

    def insert_agent(self, first_name: str = "Dana", last_name: str | None = "Ruiz", **values: Any) -> int:
        defaults = {"email": "dana@example.test", "status": "active", "password": "not for us"}
        return self._insert(
            "agents", {**defaults, "first_name": first_name, "last_name": last_name, **values}
        )

    def insert_service(self, name: str = "Massage", duration: int = 60, **values: Any) -> int:
        defaults = {"status": "active", "visibility": "visible", "capacity_min": 1, "capacity_max": 1}
        return self._insert("services", {**defaults, "name": name, "duration": duration, **values})

    def insert_category(self, name: str) -> int:
        return self._insert("service_categories", {"name": name})

    def insert_location(
        self, name: str = "Main Street", full_address: str | None = "1 Main St", **values: Any
    ) -> int:
        return self._insert(
            "locations", {"status": "active", "name": name, "full_address": full_address, **values}
        )

    def insert_customer(
        self, first_name: str | None = "Robin", last_name: str | None = "Weber", **values: Any
    ) -> int:
        defaults = {
            "email": "robin@example.test",
            "phone": "+49301234",
            "status": "active",
            "password": "not for us",
            "admin_notes": "private",
        }
        return self._insert(
            "customers", {**defaults, "first_name": first_name, "last_name": last_name, **values}
        )

    def insert_order(self, customer_id: int = 1, comment: str | None = None, variant: str = "booking") -> int:
        """The id of the order's only item; LatePoint 5."""
        order_id = self._insert("orders", {"customer_id": customer_id, "customer_comment": comment})
        return self._insert("order_items", {"order_id": order_id, "variant": variant, "item_data": "{}"})

    def insert_booking(self, *, start_date: str | None = "2026-12-01", **values: Any) -> int:
        """A row that begins at 10:00 and lasts an hour, unless said otherwise.

        end_date, end_time: those an hour later on the same day unless given.
        """
        self._next_code += 1
        start_time = values.get("start_time", 600)
        defaults: dict[str, Any] = {
            "booking_code": f"CODE{self._next_code:03d}",
            "start_time": 600,
            "end_date": start_date,
            "end_time": None if start_time is None else start_time + 60,
            "duration": 60,
            "buffer_before": 0,
            "buffer_after": 0,
            "status": "approved",
            "customer_id": 1,
            "service_id": 1,
            "agent_id": 1,
            "location_id": 1,
            "created_at": WRITTEN_AT,
            "updated_at": WRITTEN_AT,
        }
        return self._insert("bookings", {**defaults, "start_date": start_date, **values})

    def insert_bookings(self, count: int, first_day: str = "2026-12-01", **values: Any) -> list[int]:
        """One a day."""
        start = date.fromisoformat(first_day)
        days = [(start + timedelta(days=number)).isoformat() for number in range(count)]
        return [self.insert_booking(start_date=day, **values) for day in days]

    def insert_setting(self, name: str, value: str | None) -> int:
        return self._insert("settings", {"name": name, "value": value})

    def insert_agent_meta(self, agent_id: int, key: str, value: str | None) -> int:
        return self._insert("agent_meta", {"object_id": agent_id, "meta_key": key, "meta_value": value})

    def set_option(self, name: str, value: str) -> None:
        options = self.table("options")
        with self.engine.begin() as connection:
            connection.execute(delete(options).where(options.c.option_name == name))
            connection.execute(insert(options).values(option_name=name, option_value=value, autoload="yes"))

    def update(self, short_name: str, row_id: int, **values: Any) -> None:
        """A raw UPDATE: `updated_at` stays as it was unless given."""
        target = self.table(short_name)
        with self.engine.begin() as connection:
            connection.execute(update(target).where(target.c.id == row_id).values(**values))

    def delete(self, short_name: str, row_id: int) -> None:
        target = self.table(short_name)
        with self.engine.begin() as connection:
            connection.execute(delete(target).where(target.c.id == row_id))

    def row(self, short_name: str, row_id: int) -> dict[str, Any]:
        target = self.table(short_name)
        with self.engine.connect() as connection:
            return dict(connection.execute(select(target).where(target.c.id == row_id)).mappings().one())

    def restore(self, short_name: str, row: Mapping[str, Any]) -> None:
        """Put a row back as it was, with its old id and stamps."""
        self._insert(short_name, row)

    def name(self, short_name: str) -> str:
        return f"{self.prefix}options" if short_name == "options" else f"{self.prefix}latepoint_{short_name}"

    def table(self, short_name: str) -> Any:
        shape = tables_of(self.version)[short_name]
        return table(self.name(short_name), *(column(line.split()[0]) for line in shape.columns))

    def execute(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def insert_rows(self, short_name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        with self.engine.begin() as connection:
            connection.execute(insert(self.table(short_name)), rows)

    def _insert(self, short_name: str, values: Mapping[str, Any]) -> int:
        target = self.table(short_name)
        with self.engine.begin() as connection:
            result = connection.execute(insert(target).values(**values))
            return int(result.lastrowid)


def create_site(
    engine: Engine,
    version: str = NEWEST,
    prefix: str = "wp_",
    *,
    zone: str = "Europe/Berlin",
    furnished: bool = True,
) -> Site:
    """An installed site; furnished: with agent, service, location and customer number 1."""
    site = Site(engine, version, prefix)
    site.execute(*create_statements(version, prefix, engine.dialect.name))
    site.set_option("timezone_string", zone)
    site.set_option("gmt_offset", "0")
    site.set_option("home", "https://spa.example.test")
    site.set_option("siteurl", "https://spa.example.test/wp")
    site.set_option("latepoint_db_version", DB_VERSIONS[version])
    site.insert_setting("timeslot_blocking_statuses", "approved")
    if furnished:
        site.insert_agent()
        site.insert_service()
        site.insert_location()
        site.insert_customer()
    return site
