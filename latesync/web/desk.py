"""The consent room's parts for the pages: one for the process."""

from __future__ import annotations

from flask import Flask, current_app

from latesync.consent.flow import ConsentDesk
from latesync.services import Services


def add_desk(app: Flask, services: Services) -> None:
    app.extensions["latesync-desk"] = services.consent_desk()


def desk() -> ConsentDesk:
    """Made anew where the site has become another one since (a copy that began as itself)."""
    found: ConsentDesk = current_app.extensions["latesync-desk"]
    known: Services = current_app.extensions["latesync"]
    if found.site_id != known.site_id:
        found = current_app.extensions["latesync-desk"] = known.consent_desk()
    return found
