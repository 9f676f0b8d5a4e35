"""The words of design.md §1 as values. Frozen, no I/O; everything else speaks in these."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from latesync.times import TimeRange, Zone

# --- the booking site -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Agent:
    """The person who serves bookings; id is LatePoint's own everywhere."""

    id: int
    name: str
    email: str | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class WallTimes:
    """A booking's wall-clock columns as they stand in its row: what the plugin compares before it writes.

    Dates as ISO text, times in minutes after midnight; None is the column's NULL.
    """

    start_date: str | None = None
    start_time: int | None = None
    end_date: str | None = None
    end_time: int | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """One row of the site's bookings, with what its event is made of.

    span: UTC, from the wall-clock columns and the site's zone, never from the derived UTC columns.
    attendees: seats of this row; a group appointment is several bookings (latepoint.md §2.4).
    service_id, location_id: 0 where the row names none. customer_first_name and what follows: only for
      the variables of a wording.
    buffer_before, buffer_after: minutes kept free outside the span (latepoint.md §2.4).
    wall: the columns that span was worked out from; None where nobody read them (tests).
    """

    id: int
    agent_id: int
    status: str
    span: TimeRange
    code: str = ""
    service_name: str = ""
    location_name: str = ""
    location_address: str = ""
    customer_name: str = ""
    customer_email: str = ""
    customer_phone: str = ""
    customer_comment: str = ""
    attendees: int = 1
    wall: WallTimes | None = None
    service_id: int = 0
    location_id: int = 0
    buffer_before: int = 0
    buffer_after: int = 0
    customer_first_name: str = ""
    customer_last_name: str = ""
    customer_notes: str = ""
    service_category: str = ""
    agent_first_name: str = ""
    agent_last_name: str = ""
    agent_display_name: str = ""


CANCELLED = "cancelled"  # LatePoint's own status; the others are an open set (latepoint.md §2.1)


@dataclass(frozen=True, slots=True)
class UnreadableBooking:
    """A row whose times cannot be understood; it is reported and nothing is done about it."""

    id: int
    agent_id: int
    why: str


@dataclass(frozen=True, slots=True)
class Business:
    """What LatePoint's settings say for texts: who the business is, and how it writes dates and times.

    date_format: as PHP's date() takes it.
    """

    name: str = ""
    phone: str = ""
    address: str = ""
    date_format: str = "m/d/Y"
    is_24_hours: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one read of the site says about one agent.

    bookings: the agent's rows that had not ended before the window, by id.
    looked_up: ids searched by primary key because they were mapped but not among `bookings`;
      None is the positive fact "no such row". An id in neither is unknown, and unknown is not gone.
    agent_exists: False only when the agent was looked up by id and is not there.
    """

    site_id: str
    agent_id: int
    zone: Zone
    window: TimeRange
    wanted_statuses: frozenset[str]
    bookings: MappingOf[int, Booking]
    looked_up: MappingOf[int, Booking | UnreadableBooking | None] = field(default_factory=dict)
    unreadable: tuple[UnreadableBooking, ...] = ()
    agent_exists: bool = True
    business: Business = field(default_factory=Business)


# --- events -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Marker:
    """What makes an event recognisable as ours: private properties of the event (design.md §8)."""

    site_id: str
    booking_id: int
    generation: int


@dataclass(frozen=True, slots=True)
class InitialLook:
    """How an event looks when it is made; afterwards that is its agent's.

    colour, visibility: provider-neutral names (plan/event_settings.py), "": the calendar's own.
    reminders: minutes before; None: the calendar's own.
    """

    colour: str = ""
    visibility: str = ""
    reminders: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class EventContent:
    """The fields of an event that are ours; colour, reminders, guests and the agent's notes are not.

    description: our part only; what an agent writes below the notes line stays out of it.
    zone: the site's IANA zone, None when the site has a fixed offset (latepoint.md §2.2).
    booking_hash: of the booking it was made from (plan/content.py); "" for what a provider shows.
    is_free: shown as free: a cancelled booking the owner keeps. initial: None as its calendar does it.
    guests: whom to add to those who are on the event already (plan/invitations.py). wants_meeting: a link to
      a meeting is to be made. Neither is part of what is compared later.
    """

    summary: str
    description: str
    location: str
    span: TimeRange
    zone: str | None
    marker: Marker
    booking_hash: str = ""
    is_free: bool = False
    initial: InitialLook | None = None
    guests: tuple[str, ...] = ()
    wants_meeting: bool = False


class MeetingState(StrEnum):
    """What became of the wish for a link to a meeting."""

    NONE = "none"  # nobody asked for one
    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A video meeting that belongs to an event. url: only when it is ready."""

    state: MeetingState
    url: str = ""


class EventKind(StrEnum):
    NORMAL = "normal"
    OUT_OF_OFFICE = "out_of_office"
    FROM_MAIL = "from_mail"  # the provider found it in the person's mail: a flight, a table
    FOCUS_TIME = "focus_time"
    WORKING_LOCATION = "working_location"
    WORKING_ELSEWHERE = "working_elsewhere"  # at work, and in another place
    BIRTHDAY = "birthday"


@dataclass(frozen=True, slots=True)
class CalendarItem:
    """What we keep of an event or series, free of titles: enough to compute busy time again later.

    starts, ends: both aware UTC datetimes, or both dates for an all-day item (ends exclusive).
    zone: the IANA zone a series repeats in; None means the calendar's own.
    recurrence: RRULE/RDATE/EXDATE lines; non-empty makes this a series.
    series_id, original_start: set for an exception of a series; together they are its identity
      even when it was moved. original_start is an aware UTC datetime, or a date for all-day series.
    """

    event_id: str
    starts: datetime | date | None
    ends: datetime | date | None
    zone: str | None = None
    recurrence: tuple[str, ...] = ()
    series_id: str | None = None
    original_start: datetime | date | None = None
    kind: EventKind = EventKind.NORMAL
    is_cancelled: bool = False
    is_free: bool = False
    is_tentative: bool = False
    is_declined: bool = False
    is_unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a provider's listing.

    marker: of any LateSync site, if the event carries one.
    content: our fields as the provider shows them now; read only where there is a marker.
    agent_notes: what stands below our notes line in the description, verbatim.
    updated_at: the provider's word for its last change; to measure with, never to order by.
    key: the key it was created under, where that is not its id (microsoft-graph.md E7, E10).
    """

    item: CalendarItem
    etag: str
    marker: Marker | None = None
    content: EventContent | None = None
    agent_notes: str = ""
    updated_at: datetime | None = None
    key: str = ""

    @property
    def created_as(self) -> str:
        """What its creator called it: what a derived key is compared with."""
        return self.key or self.item.event_id


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A part of a listing, in the provider's order.

    zone: the calendar's own IANA zone, which all-day items and zoneless series follow.
    next_sync_token: only on the last page; saved together with that page, never before.
    until: on the last page of a full listing, the moment after which it, and what its token lists, knows
      nothing (microsoft-graph.md D3); None: it has no end.
    """

    events: tuple[Event, ...]
    zone: str | None
    next_sync_token: str | None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar an account can see."""

    id: str
    name: str
    is_primary: bool
    is_writable: bool
    zone: str | None


@dataclass(frozen=True, slots=True)
class BusySlot:
    """A time an agent cannot serve, taken from one occurrence of an event that is not ours.

    id: 32 hex, derived from agent, calendar and occurrence, so that the same occurrence keeps its row.
    item_id: event id of the item it came from (the series for a repeated one).
    """

    id: str
    agent_id: int
    item_id: str
    span: TimeRange


# --- what LateSync remembers ------------------------------------------------------------------


class MappingState(StrEnum):
    INTENT = "intent"  # a create was recorded before the call; its answer is not
    LIVE = "live"
    SET_ASIDE = "set_aside"  # the provider refused it; waits until the booking changes
    LEFT_OUT = "left_out"  # stood before the agent asked for new bookings only; waits until it changes
    RETIRED = "retired"  # past; the event stays in the calendar as history
    GONE = "gone"  # our event was deleted; the row remembers the generation


class Drift(StrEnum):
    EDITED = "edited"
    DELETED = "deleted"


# Why a drift is not taken over, though the site was never asked (`Mapping.drift_refused`).
OTHER_CALENDAR = "other_calendar"  # it was deleted here by moving it into another calendar of the same person
UNANSWERED = "unanswered"  # a write of ours went out and no answer came: what is seen may be our own doing
UNWITNESSED = "unwitnessed"  # found so when everything was listed anew: nobody saw when, and by whom
SHARED_EVENT = "shared_event"  # several bookings stand in it: nobody said which of them was meant
EARLIER = "earlier"  # it stood so before the owner chose that bookings follow
OWNER = "owner"  # it was one of unusually many, and the owner said no

# Why an event was set aside (`Mapping.problem`) though no provider refused it (plan/put_backs.py).
FOUGHT_OVER = "fought_over"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Booking ↔ event. One row per account and booking.

    content_hash: of the content we last asked the provider to hold. booking_hash: of the booking itself,
      whatever our settings or the site's zone make of it; of what is left out, of its row alone; "" where
      nobody noted it.
    guests_hash: of whom we invited; "": nobody (plan/invitations.py has the rest). meeting: "asked", "made",
      "told" to the site, or "failed"; "": none.
    echo_hash: of the same fields as the provider showed them right after; what differs from it later
      was changed by somebody else.
    earlier_event_id: of the generation before this one, as far as it is known.
    etag: of the event's newest known version.
    event_id: the provider's own; of an intent without an answer, the key it was to be created under.
    has_agent_notes: the event's description holds lines of the agent's own: read before writing.
    drift_span: where somebody moved the event to; None: deleted, all-day, a series, or its times were
      left alone.
    drift_refused: why no booking follows this drift (policy "apply"): the plugin's reason, or one of
      those above; "": nothing stands in its way. UNANSWERED may stand here before any drift is seen.
    """

    id: int
    booking_id: int
    agent_id: int
    account_id: int
    calendar_id: str
    event_id: str
    generation: int
    state: MappingState
    span: TimeRange
    content_hash: str = ""
    echo_hash: str = ""
    etag: str = ""
    has_agent_notes: bool = False
    drift: Drift | None = None
    problem: str = ""
    drift_span: TimeRange | None = None
    drift_refused: str = ""
    booking_hash: str = ""
    guests_hash: str = ""
    meeting: str = ""
    earlier_event_id: str = ""

    @property
    def has_event(self) -> bool:
        """Whether an event stands, or may stand, in the calendar: it was answered for, or asked for."""
        return self.state in (MappingState.INTENT, MappingState.LIVE) or bool(self.etag)


@dataclass(frozen=True, slots=True)
class Target:
    """Where an agent's bookings go: one calendar of one account.

    subject: the provider's stable name for the signed-in person; with it, event keys survive a
    renewed sign-in.
    """

    account_id: int
    provider: str
    subject: str
    calendar_id: str


class Stop(StrEnum):
    """Why nothing is done until a person has answered (plan/identity.py)."""

    OTHER_HOME = "other_home"  # the site has another home address than the one we worked for
    OTHER_STATE = "other_state"  # another LateSync takes turns at the site


class AccountState(StrEnum):
    CONNECTED = "connected"
    NEEDS_SIGN_IN = "needs_sign_in"
    DISCONNECTED = "disconnected"
