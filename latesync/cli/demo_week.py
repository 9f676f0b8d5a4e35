"""The week before the demo's first start: LateSync has an owner by then, and three people have signed in."""

from __future__ import annotations

import json
from datetime import datetime, time
from pathlib import Path
from typing import Any

from latesync.latepoint.settings import read_agents
from latesync.sandbox.demo_files import SIGN_INS_FILE
from latesync.sandbox.site.seed import OWNER
from latesync.services import Services
from latesync.store.accounts import record_consent
from latesync.store.choices import write_waking_hours
from latesync.store.clients import current_client
from latesync.store.people import count_admins, create_admin

GOOGLE = "google"
# As much of a day as the setting takes: reminders come at whatever hour somebody tries the demo.
AWAKE_FROM, AWAKE_UNTIL = time(0), time(23, 59)
NO_PASSWORD = ""  # of which no password is the hash: the tour's links are the way in


def live_through(services: Services, home: Path) -> None:
    """Safe to repeat; later starts find what the visitor made of it."""
    if count_admins(services.database) == 0:
        write_waking_hours(services.database, services.site_id, AWAKE_FROM, AWAKE_UNTIL, services.clock())
        create_admin(services.database, OWNER[1], NO_PASSWORD, services.clock())
    file = home / SIGN_INS_FILE
    if file.exists():
        _take_over(services, json.loads(file.read_text(encoding="utf-8")))
        file.unlink()


def _take_over(services: Services, sign_ins: list[dict[str, Any]]) -> None:
    agents = {
        agent.email: agent.id for agent in read_agents(services.site_engine, services.read_site_schema())
    }
    for sign_in in sign_ins:
        provider = sign_in.get("provider", GOOGLE)
        client = current_client(services.database, services.box, services.site_id, provider)
        if client is None:
            continue
        ends_at = sign_in["ends_at"]
        record_consent(
            services.database,
            services.box,
            services.site_id,
            agents[sign_in["email"]],
            provider,
            sign_in["subject"],
            sign_in["email"],
            client.id,
            sign_in["refresh_token"],
            sign_in["scopes"],
            datetime.fromisoformat(sign_in["signed_in_at"]),
            datetime.fromisoformat(ends_at) if ends_at else None,
            sign_in.get("calendar", sign_in["email"]),  # a Google account's own calendar goes by its address
            services.clock(),
        )
