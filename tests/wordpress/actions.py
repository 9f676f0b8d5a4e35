"""What people do with bookings on the site, each on its own way through LatePoint (latepoint.md §2.8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.wordpress.form import ROUTE

if TYPE_CHECKING:
    import requests

    from tests.wordpress.site import WordPress


@dataclass(frozen=True)
class Answer:
    """What LatePoint answered; the ids are 0 where there is nothing to name (orders: in LatePoint 4 too)."""

    ok: bool
    message: str
    booking_id: int = 0
    order_id: int = 0
    agent_id: int = 0


@dataclass(frozen=True)
class Bookings:
    """Bookings of one site. A day is "2027-03-01", a start is minutes since the site's midnight."""

    site: WordPress

    # Visitors

    def book(
        self,
        day: str,
        start: int,
        agent: int | str = 1,
        service: int = 1,
        name: str = "Robin",
        **more: Any,
    ) -> Answer:
        """The form's last step; refused if the time is no longer on offer."""
        return _answer(self.submit(day, start, agent, service, name, **more))

    def submit(
        self, day: str, start: int, agent: int | str = 1, service: int = 1, name: str = "Robin", **more: Any
    ) -> requests.Response:
        customer = {
            "customer[first_name]": name,
            "customer[last_name]": "Weber",
            "customer[email]": f"{name.lower()}@example.test",
        }
        return self.site.post(
            ROUTE + "steps__submit", {**_wish(day, start, agent, service), **customer, **more}
        )

    def reschedule_by_link(self, booking_id: int, day: str, start: int) -> Answer:
        form = {"key": self._key(booking_id), "start_date": day, "start_time": start}
        return _answer(self.site.post(ROUTE + "manage_booking_by_key__reschedule", form))

    def cancel_by_link(self, booking_id: int) -> Answer:
        return _answer(
            self.site.post(ROUTE + "manage_booking_by_key__cancel", {"key": self._key(booking_id)})
        )

    # The owner

    def admin_create(
        self, day: str, start: int, agent: int = 1, service: int = 1, customer: int = 1, **more: Any
    ) -> Answer:
        """Nothing is checked: an owner may book onto busy time."""
        return self._admin(
            "bookings__create", {**_wish(day, start, agent, service), "customer_id": customer, **more}
        )

    def edit(self, order_id: int, booking_id: int, **changes: Any) -> Answer:
        """Save the panel: all bookings of the order, with changes to one. LatePoint 4 has no orders."""
        form = {f"bookings[{booking_id}][{column}]": value for column, value in changes.items()}
        if self.site.latepoint.startswith("4."):
            return self._admin("bookings__update", {"id": booking_id, **form})
        return self._admin("orders__update", {"id": order_id, **form})

    def change_status(self, booking_id: int, status: str) -> Answer:
        return self._admin("bookings__change_status", {"id": booking_id, "status": status})

    def delete(self, *booking_ids: int) -> Answer:
        return self._admin("bookings__bulk_delete", {"ids[]": list(booking_ids)})

    def delete_order(self, order_id: int) -> Answer:
        return self._admin("orders__destroy", {"id": order_id})

    def remove_order_item(self, order_item_id: int) -> Answer:
        return self._admin("order_items__destroy", {"id": order_item_id})

    def delete_service(self, service_id: int) -> Answer:
        return self._admin("services__destroy", {"id": service_id})

    def delete_customer(self, customer_id: int) -> Answer:
        return self._admin("customers__destroy", {"id": customer_id})

    def delete_agent(self, agent_id: int) -> Answer:
        return self._admin("agents__destroy", {"id": agent_id})

    # Other programs, by the Abilities API

    def ability_update(self, booking_id: int, **changes: Any) -> None:
        pairs = ", ".join(f"'{column}' => {value!r}" for column, value in changes.items())
        self.site.php(f"return LatePoint_Standin_Flows::ability_update( {booking_id}, array( {pairs} ) );")

    def ability_delete(self, booking_id: int) -> None:
        self.site.php(f"return LatePoint_Standin_Flows::ability_delete( {booking_id} );")

    # Pages

    def form_page(self) -> str:
        return _page(self.site.get("book/"))

    def day_view(self, day: str, agent: int = 0, user: str = "admin") -> str:
        return self._admin_page("calendars__day", day, agent, user)

    def week_view(self, day: str, agent: int = 0, user: str = "admin") -> str:
        return self._admin_page("calendars__week", day, agent, user)

    def dashboard(self, day: str, agent: int = 0, user: str = "admin") -> str:
        return self._admin_page("dashboard__index", day, agent, user)

    # Rows

    def row(self, booking_id: int) -> dict[str, Any]:
        table = self.site.table("latepoint_bookings")
        (row,) = self.site.rows(f"SELECT * FROM {table} WHERE id = :id", id=booking_id)
        return row

    def _admin(self, route: str, form: Mapping[str, Any]) -> Answer:
        return _answer(self.site.post(ROUTE + route, form, self.site.login("admin")))

    def _admin_page(self, route: str, day: str, agent: int, user: str) -> str:
        asked = f"wp-admin/admin.php?page=latepoint&route_name={route}&date={day}&agent_id={agent}"
        return _page(self.site.get(asked, self.site.login(user)))

    def _key(self, booking_id: int) -> str:
        meta = self.site.table("latepoint_booking_meta")
        found = self.site.value(
            f"SELECT meta_value FROM {meta} WHERE object_id = :id AND meta_key = :key",
            id=booking_id,
            key="key_to_manage_for_customer",
        )
        return str(found)


def _wish(day: str, start: int, agent: int | str, service: int) -> dict[str, Any]:
    return {
        "agent_id": agent,
        "service_id": service,
        "location_id": 1,
        "start_date": day,
        "start_time": start,
    }


def _answer(response: requests.Response) -> Answer:
    assert response.status_code == 200, f"{response.status_code}: {response.text[:2000]}"
    said = response.json()
    return Answer(
        said["status"] == "success",
        said["message"],
        *(int(said.get(name) or 0) for name in ("booking_id", "order_id", "agent_id")),
    )


def _page(response: requests.Response) -> str:
    assert response.status_code == 200, f"{response.status_code}: {response.text[:2000]}"
    return response.text
