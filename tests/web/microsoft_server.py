"""A stand-in for Microsoft for each salon. The servers are kept: starting and ending one takes its time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from latesync.sandbox.microsoft import MicrosoftWorld, create_microsoft_app
from latesync.sandbox.serving import Served

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_FREE: list[_Place] = []


class _Place:
    """A server that serves whichever world lives there now."""

    def __init__(self) -> None:
        self.app: WSGIApplication | None = None
        self.server = Served(lambda environ, start: self._serving()(environ, start))
        self.server.__enter__()  # ends with the process

    def _serving(self) -> WSGIApplication:
        assert self.app is not None, "nobody lives here"
        return self.app


@contextmanager
def housed(world: MicrosoftWorld) -> Iterator[str]:
    """The address at which this world answers meanwhile."""
    place = _FREE.pop() if _FREE else _Place()
    world.base_url = place.server.url
    place.app = create_microsoft_app(world)
    try:
        yield place.server.url
    finally:
        place.app = None
        _FREE.append(place)
