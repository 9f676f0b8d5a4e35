"""What an agent did to events of bookings and the site did not take over, as both pages show it."""

from __future__ import annotations

from datetime import timedelta

from latesync import messages
from latesync.errors import WrongInput
from latesync.store.refusals import list_refusals
from latesync.sync.tell_site import refusal_texts
from latesync.times import Zone
from latesync.web.context import now, services

REFUSALS_SHOWN = timedelta(days=7)


def read_refusals(agent_id: int, zone: Zone) -> list[tuple[str, str]]:
    """(sentence, when it was refused) of each, the newest first."""
    rows = list_refusals(services().database, services().site_id, agent_id, now() - REFUSALS_SHOWN)
    if not rows:
        return []
    try:
        texts = refusal_texts(services().site, rows, zone, names_services=True)
    except WrongInput:  # no site is configured any more, as the dashboard says
        return []
    return [
        (str(text), f"on {messages.day(row.refused_at, zone)}") for text, row in zip(texts, rows, strict=True)
    ]
