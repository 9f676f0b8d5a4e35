"""The stand-in for Microsoft as one Flask application."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response

from ..serving import Served
from ..tls import Certificate
from .control import control_pages
from .graph import graph_pages
from .identity import identity_pages
from .pages import front_page
from .weather import after, before
from .world import MicrosoftWorld


def create_microsoft_app(world: MicrosoftWorld) -> Flask:
    """Microsoft's sign-in, token endpoint and Graph, and the control API under /sandbox/."""
    app = Flask(__name__)
    app.register_blueprint(identity_pages(world))
    app.register_blueprint(graph_pages(world))
    app.register_blueprint(control_pages(world))

    @app.before_request
    def interfere() -> Response | None:
        return before(world)

    @app.after_request
    def note(response: Response) -> Response:
        return after(world, response)

    @app.get("/")
    def front() -> str:
        return front_page(world)

    return app


@contextmanager
def served_microsoft(
    world: MicrosoftWorld, port: int = 0, *, certificate: Certificate | None = None
) -> Iterator[Served]:
    """Serve the world on loopback; its configuration documents then name this server.

    certificate: given, everything is behind TLS, under the name localhost, as MSAL wants it (P3).
    """
    with Served(create_microsoft_app(world), port=port, certificate=certificate) as server:
        world.base_url = f"https://localhost:{server.port}" if certificate else server.url
        world.page_url = None
        yield server
