"""Time zones as Outlook names them: Windows names and IANA names (microsoft-graph.md E1)."""

from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from .errors import GraphError


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of a Windows or IANA name. Raises GraphError 400 for any other."""
    try:
        return ZoneInfo(WINDOWS_TO_OLSON.get(name, name))
    except (OSError, ValueError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError
        message = f"The specified time zone '{name[:60]}' is not supported."
        raise GraphError(400, "TimeZoneNotSupportedException", message) from error
