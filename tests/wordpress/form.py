"""The public booking form as a visitor's browser sees it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.wordpress.site import WordPress

ROUTE = "wp-admin/admin-post.php?action=latepoint_route_call&route_name="
_DAY = re.compile(r'data-date="(\d{4}-\d\d-\d\d)"\s+data-bookable-minutes="([\d,]*)"')


def wanted_month(site: WordPress, month: str, agent: int | str, service: int, **more: Any) -> str:
    """The HTML of a month (latepoint-live.md §1b)."""
    form = {"month": month, "agent_id": agent, "service_id": service, "location_id": 1, **more}
    answer = site.post(f"{ROUTE}steps__month", form)
    assert answer.status_code == 200, f"{answer.status_code}: {answer.text[:2000]}"
    return answer.text


def days_in(page: str) -> dict[str, list[int]]:
    """Day → minutes that can be chosen; a day that is closed has none."""
    return {
        day: [int(minute) for minute in minutes.split(",") if minute] for day, minutes in _DAY.findall(page)
    }
