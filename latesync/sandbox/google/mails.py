"""Which mails a write would have sent: recorded, never sent (google-calendar.md E15)."""

from .errors import ApiError, Json
from .moments import DAY_S
from .state import Calendar, Event, State
from .windows import Window


def guests_of(calendar: Calendar, resource: Json | None) -> list[str]:
    """Everyone invited but the calendar's own person."""
    attendees = (resource or {}).get("attendees") or []
    emails = [attendee.get("email") or "" for attendee in attendees]
    return [email for email in emails if email not in ("", calendar.id, calendar.owner)]


def record_mails(
    state: State, calendar: Calendar, event: Event, before: Json | None, send_updates: str, kind: str
) -> None:
    """Note who would be told, by the `sendUpdates` of this write."""
    if send_updates == "none":
        return
    to = set(guests_of(calendar, event.resource)) | set(guests_of(calendar, before))
    if send_updates == "externalOnly":
        to = {email for email in to if email not in state.users}
    if to:
        state.mails.append(
            {
                "time": state.now(),
                "kind": kind,
                "calendar_id": calendar.id,
                "event_id": event.id,
                "send_updates": send_updates,
                "to": sorted(to),
            }
        )


def check_outside_guests(state: State, calendar: Calendar, body: Json) -> None:
    """The unpublished limit on inviting outsiders (Q4)."""
    limit = state.switches.outside_guests_per_day
    outside = [email for email in guests_of(calendar, body) if email not in state.users]
    if limit is None or not outside:
        return
    window = state.windows.setdefault(f"guests {calendar.owner}", Window(DAY_S))
    if not window.spend(state.now(), len(outside), limit):
        raise ApiError(403, "quotaExceeded", "Calendar usage limits exceeded.", domain="usageLimits")
