"""A checked request to Graph, and what a method is."""

from collections.abc import Callable
from dataclasses import dataclass

from .errors import Json
from .events import Write
from .graph_calendars import calendar_for
from .graph_state import Calendar, Mailbox
from .listing import read_view
from .persons import Person
from .preferences import Preferences
from .shown import View
from .state import State


@dataclass(frozen=True)
class Call:
    """A checked request."""

    state: State
    person: Person
    mailbox: Mailbox
    client_id: str
    values: dict[str, str]
    parameters: dict[str, str]
    body: Json
    preferences: Preferences
    if_match: str | None

    @property
    def view(self) -> View:
        return read_view(self.parameters, self.preferences.view())

    @property
    def write(self) -> Write:
        return Write(if_match=self.if_match)

    def address(self, path: str) -> str:
        return f"{self.state.base_url}/v1.0/{path}"

    def calendar(self) -> Calendar:
        """The calendar of the path; the primary one where it names none."""
        return calendar_for(self.mailbox, self.values.get("calendar"))

    def place(self, rest: str) -> str:
        """The address of a collection under the path's calendar."""
        calendar_id = self.values.get("calendar")
        return self.address(f"me/calendars/{calendar_id}/{rest}" if calendar_id else f"me/{rest}")


Reply = tuple[int, Json | None]


@dataclass(frozen=True)
class Method:
    name: str
    verb: str
    segments: tuple[str, ...]  # "{event}" stands for a value
    perform: Callable[[Call], Reply]
    parameters: frozenset[str] = frozenset()
    scope: str = "Calendars.ReadWrite"
    has_body: bool = False
    needs_mailbox: bool = True
    prepare: Callable[[Call], None] | None = None
