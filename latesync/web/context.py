"""What every page needs: the services, the viewer, the site's zone, and the hidden CSRF field."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask, current_app, g, get_flashed_messages
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from latesync.explaining.finding import read_site_zone
from latesync.overview import Overview
from latesync.read_overview import read_overview, read_zone
from latesync.services import Services
from latesync.times import Zone
from latesync.web.viewers import current_viewer


def services() -> Services:
    found: Services = current_app.extensions["latesync"]
    return found


def now() -> datetime:
    """One moment for the whole request, so that a page does not contradict itself."""
    if "now" not in g:
        g.now = services().clock()
    moment: datetime = g.now
    return moment


def zone() -> Zone:
    """The site's zone, in which every page shows its times."""
    if "zone" not in g:
        g.zone = read_zone(services())
    found: Zone = g.zone
    return found


def look_at_site_zone() -> None:
    """From here on the page's zone is what the site says now, where that can be read."""
    g.zone = read_site_zone(services())


def overview(agent_id: int | None = None) -> Overview:
    found = read_overview(services(), now(), agent_id=agent_id)
    g.zone = found.zone
    return found


def offer_to_templates(app: Flask) -> None:
    app.context_processor(_for_templates)


def _for_templates() -> dict[str, Any]:
    return {
        "viewer": current_viewer(),
        "csrf": _csrf_field,
        "stopped_for": g.get("stopped_for"),
        "flashes": get_flashed_messages(with_categories=True),
    }


def _csrf_field() -> Markup:
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())
