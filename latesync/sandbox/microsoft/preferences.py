"""The Prefer header (microsoft-graph.md D9, E1, E11)."""

import re
from dataclasses import dataclass

from .errors import GraphError
from .shown import View
from .zones import zone

_ONE = re.compile(r'\s*([\w.-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s",;]+)))?\s*')


@dataclass(frozen=True)
class Preferences:
    immutable: bool = False
    zone_name: str = "UTC"
    names_zone: bool = False
    as_text: bool = False
    page_size: int | None = None

    def view(self) -> View:
        return View(self.immutable, self.zone_name, self.as_text)

    def applied(self) -> dict[str, str]:
        """What the answer says was heeded."""
        parts = ['IdType="ImmutableId"'] if self.immutable else []
        parts += [f'outlook.timezone="{self.zone_name}"'] if self.names_zone else []
        parts += ['outlook.body-content-type="text"'] if self.as_text else []
        return {"Preference-Applied": ", ".join(parts)} if parts else {}


def read_preferences(header: str, *, strict: bool) -> Preferences:
    """strict: refuse a preference that Graph's calendars do not know, instead of ignoring it."""
    given: dict[str, str] = {}
    for part in _split(header):
        found = _ONE.fullmatch(part)
        if found is None:
            raise GraphError(400, "ErrorInvalidRequest", "The Prefer header is not well formed.")
        given[found[1].lower()] = found[2] or found[3] or ""
    known = {"idtype", "outlook.timezone", "outlook.body-content-type", "odata.maxpagesize", "return"}
    if strict and not set(given) <= known:
        raise GraphError(
            400, "ErrorInvalidRequest", f"The preference {min(set(given) - known)} is not known."
        )
    if strict and given.get("idtype", "ImmutableId") != "ImmutableId":
        raise GraphError(400, "ErrorInvalidRequest", "The preference IdType is ImmutableId or absent.")
    name = given.get("outlook.timezone", "UTC")
    zone(name)
    return Preferences(
        immutable=given.get("idtype") == "ImmutableId",
        zone_name=name,
        names_zone="outlook.timezone" in given,
        as_text=given.get("outlook.body-content-type", "html").lower() == "text",
        page_size=_size(given.get("odata.maxpagesize")),
    )


def _split(header: str) -> list[str]:
    """At commas outside quotes."""
    return [part for part in re.findall(r'(?:[^,"]|"[^"]*"?)+', header) if part.strip()]


def _size(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1000:
        raise GraphError(400, "ErrorInvalidRequest", "odata.maxpagesize is not valid.")
    return int(text)
