"""The consent room's parts, put together from the services."""

from __future__ import annotations

from flask import Flask, current_app

from latesync.consent.flow import ConsentDesk
from latesync.services import Services


def add_desk(app: Flask, services: Services) -> None:
    app.extensions["latesync-desk"] = make_desk(services)


def make_desk(services: Services) -> ConsentDesk:
    return ConsentDesk(
        database=services.database,
        box=services.box,
        site_id=services.site_id,
        endpoints=services.google,
        callback=services.config.google_callback,
        standin=services.config.google_base_url is not None,
        clock=services.clock,
    )


def desk() -> ConsentDesk:
    found: ConsentDesk = current_app.extensions["latesync-desk"]
    return found
