"""Graph over HTTP, under /v1.0/."""

from flask import Blueprint

from .graph_world import MailboxWorld


def graph_pages(world: MailboxWorld) -> Blueprint:
    return Blueprint("graph", __name__, url_prefix="/v1.0")
