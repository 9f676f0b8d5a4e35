"""What one row of the table of sign-in troubles says. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Provider(StrEnum):
    GOOGLE = "google"
    MICROSOFT = "microsoft"


class Actor(StrEnum):
    """Who can mend it."""

    AGENT = "agent"
    OWNER = "owner"
    ORGANISATION = "organisation"  # the administrator of the agent's Workspace or tenant
    NOBODY = "nobody"  # it passes, or LateSync goes on by itself


class Place(StrEnum):
    """Where it shows itself."""

    PAGE = "page"  # on the provider's page; LateSync never hears of it
    RETURN = "return"  # the provider sends the person back with it
    TOKEN = "token"  # noqa: S105 - the token address says it when a code or a refresh token is handed in
    CALENDAR = "calendar"  # the calendar says it, when it is asked


class Paste(StrEnum):
    """A value to take to the provider; the page that shows the row knows it."""

    REDIRECT_URI = "redirect_uri"
    ORIGIN = "origin"
    ADDRESSES = "addresses"  # of the agents
    CLIENT_ID = "client_id"


@dataclass(frozen=True, slots=True)
class Link:
    """in_project: the address takes the client's project as `?project=`."""

    label: str
    url: str
    in_project: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    text: str
    paste: Paste | None = None
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that can go wrong, and who does what about it.

    key: ours; an anchor and the address of the entry, never changed.
    codes: what the provider calls it, as written there; errors: further words of its that other rows share.
    number: of "Error 403: …" on the provider's page.
    shown: words of the page by which a pasted text is known.
    steps: for the actor. ask: what an agent asks of whoever acts; {address} and {client_id} are filled in.
    otherwise: another way out, for somebody else to take.
    takes: how long it is until it works.
    may_settle: a new client that is not yet in effect looks the same (google-calendar.md R9).
    refusals: our own codes of a refused sign-in (sign_in_sentences.py) that mean this.
    """

    key: str
    provider: Provider
    places: tuple[Place, ...]
    title: str
    meaning: str
    actor: Actor
    steps: tuple[Step, ...]
    source: str
    codes: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    number: int | None = None
    shown: tuple[str, ...] = ()
    ask: str = ""
    otherwise: str = ""
    takes: str = ""
    may_settle: bool = False
    refusals: tuple[str, ...] = ()

    @property
    def as_shown(self) -> str:
        """As people see it: "Error 403: access_denied", or its first words."""
        code = self.codes[0] if self.codes else ""
        if self.number and code and Place.PAGE in self.places:
            return f"Error {self.number}: {code}"
        return code or (self.shown[0] if self.shown else "")
