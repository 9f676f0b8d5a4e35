"""Calendars and each person's list of them (google-calendar.md §12). Callers hold the world's lock."""

import secrets

from .checking import need
from .errors import ApiError, Json, forbidden
from .moments import zone
from .state import ROLES, Calendar, State, User
from .tokens import PageToken, SyncToken, fingerprint

_PAGE, _PAGE_MAX = 100, 250  # K3


def add_calendar(
    state: State,
    owner: str,
    summary: str,
    time_zone: str = "UTC",
    *,
    primary: bool = False,
    project: str | None = None,
) -> Calendar:
    """A calendar of its owner's, listed for them. A primary one has the account's address as its id (K1)."""
    zone(time_zone)
    calendar_id = owner if primary else f"c_{secrets.token_hex(16)}@group.calendar.google.com"
    calendar = Calendar(calendar_id, owner, summary, time_zone, primary=primary, made_by_project=project)
    calendar.etag = state.next_etag()
    state.calendars[calendar_id] = calendar
    list_for(state, calendar, owner)
    return calendar


def list_for(state: State, calendar: Calendar, email: str) -> None:
    """Put a calendar on a person's list."""
    user = state.user(email)
    user.listed.setdefault(calendar.id, {"selected": True, "colorId": "14"})
    user.list_changes.note(calendar.id)


def set_role(state: State, calendar: Calendar, email: str, role: str) -> None:
    """Share a calendar, or stop sharing it. Sync tokens die with a changed ACL (Y9)."""
    if role not in ROLES:
        raise ValueError(f"A role is one of {', '.join(ROLES)}.")
    calendar.roles[email] = role
    calendar.token_age += 1
    if email in state.users:
        list_for(state, calendar, email)


def remove_calendar(state: State, calendar: Calendar) -> None:
    if calendar.primary:
        raise forbidden("A primary calendar cannot be deleted.")
    del state.calendars[calendar.id]
    for user in state.users.values():
        if calendar.id in user.listed:
            user.list_changes.note(calendar.id)


def show_calendar(calendar: Calendar) -> Json:
    shown: Json = {
        "kind": "calendar#calendar",
        "etag": calendar.etag,
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.time_zone,
        "dataOwner": calendar.owner,
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    }
    return shown | ({"description": calendar.description} if calendar.description else {})


def insert_calendar(state: State, email: str, project: str, body: Json) -> Json:
    need(body, "summary")
    calendar = add_calendar(state, email, body["summary"], body.get("timeZone") or "UTC", project=project)
    calendar.description = body.get("description") or ""
    return show_calendar(calendar)


def show_entry(state: State, user: User, calendar_id: str) -> Json | None:
    """The list entry, or None where the person never had it."""
    settings = user.listed.get(calendar_id)
    if settings is None:
        return None
    calendar = state.calendars.get(calendar_id)
    role = calendar.role_of(user.email) if calendar else "none"
    if calendar is None or role == "none":
        return {"kind": "calendar#calendarListEntry", "etag": '"0"', "id": calendar_id, "deleted": True}
    primary: Json = {"primary": True} if calendar.id == user.email else {}
    return {
        **{name: value for name, value in show_calendar(calendar).items() if name != "dataOwner"},
        "kind": "calendar#calendarListEntry",
        "accessRole": role,
        "backgroundColor": "#9fe1e7",
        "foregroundColor": "#000000",
        "defaultReminders": [{"method": "popup", "minutes": 10}] if primary else [],
        **primary,
        **settings,
    }


def list_calendars(state: State, user: User, parameters: Json) -> Json:
    """One page of calendarList.list; a sync token shows what changed since, deleted entries too (K4)."""
    since = _since(user, parameters)
    page = PageToken.read(parameters.get("pageToken"), fingerprint(parameters))
    upto = page.upto if page else user.list_changes.last
    numbers = [pair for pair in user.list_changes.since(since) if not page or [pair[1]] > page.after]
    rows = [
        (number, entry)
        for calendar_id, number in numbers
        if (entry := show_entry(state, user, calendar_id)) and _wanted(entry, parameters)
    ]
    size = min(parameters.get("maxResults", _PAGE), _PAGE_MAX, state.switches.page_size_cap)
    answer: Json = {
        "kind": "calendar#calendarList",
        "etag": f'"p{upto}"',
        "items": [row[1] for row in rows[:size]],
    }
    if len(rows) > size:
        token = PageToken([rows[size - 1][0]], upto, False, fingerprint(parameters))
        answer["nextPageToken"] = token.text()
    else:
        answer["nextSyncToken"] = SyncToken(user.email, upto, state.now(), 0, "", [None, None]).text()
    return answer


def _since(user: User, parameters: Json) -> int:
    text = parameters.get("syncToken")
    if text is None:
        return 0
    if "minAccessRole" in parameters or "showOwnOrganizationOnly" in parameters:
        raise ApiError(400, "badRequest", "This parameter cannot be used with a sync token.")
    token = SyncToken.read(text)
    if token is None or token.calendar_id != user.email:
        message = "Sync token is no longer valid, a full sync is required."
        raise ApiError(410, "fullSyncRequired", message, domain="calendar", location="syncToken")
    return token.number


def _wanted(entry: Json, parameters: Json) -> bool:
    incremental = "syncToken" in parameters
    if entry.get("deleted"):
        return incremental or bool(parameters.get("showDeleted"))
    if entry.get("hidden") and not (incremental or parameters.get("showHidden")):
        return False
    least = parameters.get("minAccessRole", "none")
    return ROLES.index(entry["accessRole"]) >= ROLES.index(least)
