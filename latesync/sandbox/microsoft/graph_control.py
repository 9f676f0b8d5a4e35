"""Calendars and events in the control API."""

from flask import Blueprint

from .graph_world import MailboxWorld

LINES = """\
"""


def calendar_routes(world: MailboxWorld, pages: Blueprint) -> None:
    """Register the routes of LINES on the control API's blueprint (prefix /sandbox)."""
