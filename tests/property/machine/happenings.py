"""Everything that can happen to the town, as values Hypothesis can draw: (method's name, its arguments)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from latesync.options import DriftPolicy
from latesync.sandbox.microsoft.outlook import kill_delta_tokens
from latesync.store import accounts
from tests.property.machine.people import SPANS, People
from tests.property.machine.town import ANNA, BEN, CLEO, EMAILS, NOBODY, Town

Happening = tuple[str, dict[str, Any]]

AGENTS = [ANNA, BEN, CLEO, NOBODY]
TEAM = "Anna's second calendar"
# At the other provider than at the one they came with; Cleo may come with another one than Ben.
OTHERS = {"Anna's other": ANNA, "Ben's other": BEN}
CALENDARS = [*sorted(set(EMAILS.values())), TEAM, *OTHERS]
PROVIDERS = ["google", "microsoft"]
# By agent, where they sign in first; nobody else has Google alone.
HOMES: list[dict[int, str]] = [
    {},
    dict.fromkeys((ANNA, BEN, CLEO), "microsoft"),
    {ANNA: "microsoft"},
    dict.fromkeys((BEN, CLEO), "microsoft"),
    dict.fromkeys((ANNA, CLEO), "microsoft"),
]
# (written to, read for busy time): Anna's choices
CHOICES = [
    (EMAILS[ANNA], [EMAILS[ANNA]]),
    (EMAILS[ANNA], [EMAILS[ANNA], TEAM]),
    (TEAM, [EMAILS[ANNA]]),
    (TEAM, [EMAILS[ANNA], TEAM]),
    (TEAM, []),
]
PAUSES = [
    timedelta(seconds=40),
    timedelta(minutes=3),
    timedelta(hours=2),
    timedelta(hours=13),
    timedelta(days=3),
]
DAYS = [0, 1, 2, 9, 30, -1, -2, -4, 364, 365, 366, 400]
MINUTES = [0, 120, 150, 540, 600, 900, 1380]
STATUSES = ["approved", "approved", "pending", "cancelled"]
OURS = ["delete", "move", "rename", "wipe", "free", "make all-day", "drag"]
WISHES = ["colour", "reminders", "guest", "notes", "copy"]
THEIRS = ["delete", "move", "make free", "block", "end series", "make single", "drag"]
OCCURRENCES = ["cancel", "move", "make free", "back"]
KINDS = [
    "single",
    "series",
    "all-day",
    "all-day series",
    "free",
    "declined",
    "tentative",
    "unanswered",
    "away",
    "elsewhere",
]
WRITES = "POST|PATCH|DELETE"
FAULTS: list[dict[str, Any]] = [
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 500, "method": WRITES},
    {"kind": "status", "status": 403, "reason": "rateLimitExceeded", "domain": "usageLimits"},
    {"kind": "status", "status": 429, "reason": "rateLimitExceeded", "retry_after_s": 30, "method": WRITES},
    {"kind": "status", "status": 403, "reason": "quotaExceeded", "domain": "usageLimits"},
    {"kind": "status", "status": 404, "reason": "notFound", "method": "GET", "path": "/events$"},
    {"kind": "status", "status": 410, "reason": "fullSyncRequired", "method": "GET", "path": "/events$"},
    {"kind": "status", "status": 409, "reason": "conflict", "method": "POST", "path": "/events$"},
    {"kind": "status", "status": 401, "reason": "authError", "path": "/calendar/"},
    {"kind": "status", "status": 503, "path": "/token$"},
    {"kind": "garbage", "status": 200},
    {"kind": "garbage", "status": 502, "method": WRITES},
    {"kind": "drop"},
    {"kind": "lost_answer", "method": WRITES},
]
OUTLOOK_FAULTS: list[dict[str, Any]] = [
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 503, "retry_after_s": 120, "path": "batch$"},
    {"kind": "status", "status": 429, "reason": "TooManyRequests", "retry_after_s": 30},
    {"kind": "status", "status": 429, "reason": "ApplicationThrottled", "path": "batch$"},
    {"kind": "status", "status": 500, "reason": "ErrorInternalServerTransientError", "method": WRITES},
    {"kind": "status", "status": 404, "reason": "ErrorCalendarNotFound", "path": "/delta$"},
    {"kind": "status", "status": 410, "reason": "syncStateNotFound", "path": "/delta$"},
    {"kind": "status", "status": 400, "reason": "resyncRequired", "path": "/delta$"},
    {"kind": "status", "status": 409, "reason": "ErrorDuplicateTransactionId", "method": "POST"},
    {"kind": "status", "status": 412, "reason": "ErrorIrresolvableConflict", "method": "PATCH|DELETE"},
    {"kind": "status", "status": 401, "reason": "InvalidAuthenticationToken", "path": "/v1.0/"},
    {"kind": "status", "status": 423, "reason": "locked", "method": WRITES, "path": "/v1.0/"},
    {"kind": "status", "status": 503, "path": "/token$"},
    {"kind": "garbage", "status": 200},
    {"kind": "garbage", "status": 502, "method": WRITES},
    {"kind": "drop"},
    {"kind": "drop", "path": "batch$"},
    {"kind": "lost_answer", "method": WRITES},
    {"kind": "lost_answer", "path": "batch$"},
    {"kind": "lost_answer", "path": "/token$"},
]
PLUGIN_TROUBLES = ["loses answers", "is down", "not_bookable", "changed"]
# What differs between accounts or is not documented (sandbox/google/switches.py).
SWITCHES: list[dict[str, Any]] = [
    {"name": "quota_per_user_minute", "value": 12},
    {"name": "writes_per_calendar_minute", "value": 2},
    {"name": "api_enabled", "value": False},
    {"name": "tombstone_life_days", "value": 1},
    {"name": "vanished_ids_stay_taken", "value": False},
    {"name": "bare_tombstones", "value": False},
    {"name": "bare_gone", "value": True},
    {"name": "newer_error_bodies", "value": False},
    {"name": "quota_status", "value": 429},
]

# The same for Microsoft (sandbox/microsoft/switches.py).
OUTLOOK_SWITCHES: list[dict[str, Any]] = [
    *({"name": "duplicate_answer", "value": each} for each in ("400_with_id", "409", "409_with_id")),
    *({"name": "duplicate_answer", "value": each} for each in ("existing", "existing_200", "created")),
    {"name": "transaction_ids_outlive_events", "value": False},
    {"name": "ids_differ_by_case", "value": True},
    {"name": "copies_carry_marks", "value": False},
    {"name": "conflicts", "value": 2},
    {"name": "delta_order", "value": "by_start"},
    {"name": "delta_duplicates", "value": True},
    {"name": "delta_empty_pages", "value": True},
    {"name": "delta_occurrences", "value": "complete"},
    {"name": "delta_shows_masters", "value": False},
    {"name": "delta_token_life_s", "value": 3600.0},
    {"name": "nonprimary_delta", "value": False},
    *({"name": "delta_death", "value": each} for each in ("410_resync", "400", "400_inner", "404")),
    {"name": "access_token_life_s", "value": 600},
    {"name": "revoking_ends_access_tokens", "value": True},
]


@dataclass
class Life:
    """Makes things happen. Whatever is chosen by number and is not there, does not happen."""

    town: Town
    people: People
    removed: list[dict[str, Any]] = field(default_factory=list)
    before: tuple[int, dict[str, Any]] | None = None

    def happen(self, happenings: Sequence[Happening]) -> None:
        for name, values in happenings:
            getattr(self, name)(**values)

    def begin(self) -> None:
        """An ordinary town: a few bookings with everybody, a few entries in every calendar."""
        for number, agent in enumerate([ANNA, BEN, CLEO, ANNA, BEN, NOBODY]):
            self.book(agent, number, 540)
        for where in CALENDARS[:-1]:
            self.add_event(where, 0, "single", 0)
            self.add_event(where, 6, "series", 2)

    # The site

    def book(self, agent: int, day: int, minute: int) -> None:
        self.town.site.insert_booking(agent_id=agent, **self._times(day, minute))
        self.town.note_site()

    def book_many(self, agent: int) -> None:
        for day in range(1, 6):
            self.book(agent, day, 660)

    def cancel_many(self, agent: int) -> None:
        for booking_id, row in self.town.bookings().items():
            if row["agent_id"] == agent:
                self.town.site.update("bookings", booking_id, status="cancelled")
        self.town.note_site()

    def retime(self, number: int, day: int, minute: int) -> None:
        self._update(number, **self._times(day, minute))

    def set_status(self, number: int, status: str) -> None:
        self._update(number, status=status)

    def give_to(self, number: int, agent: int) -> None:
        self._update(number, agent_id=agent)

    def remove_row(self, number: int) -> None:
        rows = self.town.bookings()
        if rows:
            row = rows[sorted(rows)[number % len(rows)]]
            self.removed.append(row)
            self.town.site.delete("bookings", row["id"])
            self.town.note_site()

    def bring_row_back(self) -> None:
        if self.removed:
            self.town.site.restore("bookings", self.removed.pop())
            self.town.note_site()

    def undo(self) -> None:
        """Somebody saw their last change to be a mistake."""
        if self.before is not None and self.before[0] in self.town.bookings():
            booking_id, values = self.before
            self.before = None
            self.town.site.update("bookings", booking_id, **values)
            self.town.note_site()

    def rename_customer(self, name: str) -> None:
        self.town.site.update("customers", 1, first_name=name)

    # The calendars

    def add_event(self, where: str, span: int, kind: str, recurrence: int) -> None:
        self.people.add(self._place(where), span, kind, recurrence)

    def change_theirs(self, where: str, number: int, what: str, span: int) -> None:
        where = self._place(where)
        events = [event for event in self.people.events(where, ours=False) if event.master_id is None]
        if events:
            self.people.change(where, events[number % len(events)], what, span)

    def change_occurrence(self, where: str, number: int, which: int, what: str, span: int) -> None:
        where = self._place(where)
        series = [event for event in self.people.events(where, ours=False) if event.is_series]
        if series:
            self.people.change_occurrence(where, series[number % len(series)], which, what, span)

    def touch_ours(self, where: str, number: int, what: str, span: int) -> None:
        where = self._place(where)
        events = self.people.events(where, ours=True)
        if events:
            self.people.touch_ours(where, events[number % len(events)], what, span)

    def restore(self, where: str, number: int, ours: bool) -> None:
        where = self._place(where)
        deleted = self.people.events(where, ours=ours, alive=False)
        deleted = [event for event in deleted if event.master_id is None]
        if deleted:
            self.people.restore(where, deleted[number % len(deleted)], ours=ours)

    def choose(self, choice: tuple[str, list[str]]) -> None:
        write, read = choice
        home = self.town.homes[ANNA]
        if self.is_active(ANNA, home):
            self.town.choose(ANNA, self._place(write), [self._place(each) for each in read], home)

    def _place(self, where: str) -> str:
        """The calendar of that name, wherever its owner came from."""
        town = self.town
        if where == TEAM:
            at_home = town.homes[ANNA] == "google" or town.outlook is None
            return town.team if at_home or town.outlook is None else town.outlook.team
        if where in OTHERS:
            agent = OTHERS[where]
            return town.primary_of(agent, self.other_than_home(agent))
        owner = next(agent for agent, email in EMAILS.items() if email == where)
        return town.primary_of(owner, town.homes.get(owner, "google"))

    # The agents' accounts

    def other_than_home(self, agent: int) -> str:
        return "google" if self.town.homes[agent] == "microsoft" else "microsoft"

    def is_active(self, agent: int, provider: str) -> bool:
        town = self.town
        return accounts.active_account(town.database, town.site_id, agent, provider) is not None

    def join_other(self, agent: int, writes: bool) -> None:
        """They sign in at the other provider, too."""
        self.town.sign_in(agent, self.other_than_home(agent), writes=writes)
        self.town.note_site()

    def write_to(self, agent: int, provider: str) -> None:
        town = self.town
        if self.is_active(agent, provider):
            calendar_id = town.primary_of(agent, provider)
            accounts.promote(town.database, town.account(agent, provider).id, calendar_id, town.clock())
            town.note_site()

    def disconnect(self, agent: int, provider: str) -> None:
        town = self.town
        if self.is_active(agent, provider):
            accounts.record_disconnected(town.database, town.account(agent, provider).id, town.clock())
            town.note_site()

    # Trouble

    def break_google(self, fault: dict[str, Any], after: int, times: int) -> None:
        # Two in a row lose an answer for good: the library repeats once (sandbox/google/faults.py).
        times = 2 * times if fault["kind"] == "lost_answer" else times
        self.town.world.add_fault(**{"method": f"GET|{WRITES}", **fault}, after=after, times=times)

    def break_outlook(self, fault: dict[str, Any], after: int, times: int) -> None:
        if self.town.outlook is not None:
            rule = {"method": f"GET|{WRITES}", **fault, "after": after, "times": times}
            self.town.outlook.world.add_fault(**rule)

    def switch_outlook(self, name: str, value: Any) -> None:
        if self.town.outlook is not None:
            self.town.outlook.world.set_switches(**{name: value})

    def switch_google(self, name: str, value: Any) -> None:
        self.town.world.set_switches(**{name: value})

    def kill_sync_tokens(self, where: str | None) -> None:
        outlook, place = self.town.outlook, None if where is None else self._place(where)
        if place is None or not self.town.is_outlook(place):
            self.town.world.kill_sync_tokens(place)
        if outlook is not None and (place is None or outlook.has(place)):
            for person in outlook.world.persons.values():
                kill_delta_tokens(person.mailbox, place)

    def revoke(self, agent: int, provider: str) -> None:
        email = self.town.email_of(agent, provider)
        if provider == "microsoft" and self.town.outlook is not None:
            self.town.outlook.world.revoke_sessions(email)
        else:
            self.town.world.revoke_grants(email)

    def sign_in(self, agent: int) -> None:
        """With whom they came."""
        self.town.sign_in(agent, self.town.homes[agent])
        self.town.note_site()

    def replace_secret(self) -> None:
        self.town.world.rotate_secret(self.town.client_id)
        if self.town.outlook is not None:
            self.town.outlook.world.add_secret(self.town.outlook.client_id, keep_old=False)

    def upload_client(self) -> None:
        self.town.upload_client()

    def break_site(self, after: int, times: int) -> None:
        self.town.outage.begin(after, times)

    def mend(self) -> None:
        self.town.outage.end()
        self.town.world.faults.clear()
        if self.town.outlook is not None:
            self.town.outlook.world.clear_faults()

    # The plugin, and what the owner wants of it

    def choose_policy(self, policy: DriftPolicy) -> None:
        self.town.choose_policy(policy)

    def trouble_plugin(self, how: str, times: int) -> None:
        plugin = self.town.plugin
        assert plugin is not None
        if how == "loses answers":
            plugin.loses += times
        elif how == "is down":
            plugin.answers += [(503, {"error": "latepoint_missing"})] * times
        else:
            plugin.refuses = "" if plugin.refuses else how

    def mend_plugin(self) -> None:
        plugin = self.town.plugin
        assert plugin is not None
        plugin.refuses, plugin.loses, plugin.answers = "", 0, []

    # Time and other crews

    def pass_time(self, pause: timedelta) -> None:
        self.town.pass_time(pause)

    def work_elsewhere(self, stalls: bool) -> None:
        """Another process works; stalls: so late that every lease of the first has run out."""
        if stalls:
            self.town.pass_time(timedelta(seconds=60))
        other = self.town.new_process()
        other.look()
        self.town.results += other.work()

    def _times(self, day: int, minute: int) -> dict[str, Any]:
        site_day = str(self.people.day(day))
        return {"start_date": site_day, "end_date": site_day, "start_time": minute, "end_time": minute + 60}

    def _update(self, number: int, **values: Any) -> None:
        rows = self.town.bookings()
        if rows:
            booking_id = sorted(rows)[number % len(rows)]
            self.before = (booking_id, {name: rows[booking_id][name] for name in values})
            self.town.site.update("bookings", booking_id, **values)
            self.town.note_site()


def happening(name: str, /, **values: SearchStrategy[Any]) -> SearchStrategy[Happening]:
    return st.tuples(st.just(name), st.fixed_dictionaries(values))


_number = st.integers(0, 7)
_agent, _where, _span = st.sampled_from(AGENTS), st.sampled_from(CALENDARS), st.integers(0, len(SPANS) - 1)
_when = {"day": st.sampled_from(DAYS), "minute": st.sampled_from(MINUTES)}

_book = happening("book", agent=_agent, **_when)
_book_many = happening("book_many", agent=_agent)
_cancel_many = happening("cancel_many", agent=_agent)
_retime = happening("retime", number=_number, **_when)
_set_status = happening("set_status", number=_number, status=st.sampled_from(STATUSES))
_give_to = happening("give_to", number=_number, agent=_agent)
_remove_row = happening("remove_row", number=_number)
_rename_customer = happening("rename_customer", name=st.sampled_from(["Robin", "Kim", "<b>Ada</b>"]))
_touch_ours = happening("touch_ours", where=_where, number=_number, what=st.sampled_from(OURS), span=_span)
_decorate_ours = happening(
    "touch_ours", where=_where, number=_number, what=st.sampled_from(WISHES), span=_span
)

at_the_site = st.one_of(
    _book, _book, _retime, _set_status, _give_to, _remove_row, happening("bring_row_back"), _rename_customer
)
in_calendars = st.one_of(
    _touch_ours,
    _decorate_ours,
    happening("choose", choice=st.sampled_from(CHOICES)),
    happening("restore", where=_where, number=_number, ours=st.booleans()),
    happening("add_event", where=_where, span=_span, kind=st.sampled_from(KINDS), recurrence=_number),
    happening("change_theirs", where=_where, number=_number, what=st.sampled_from(THEIRS), span=_span),
    happening(
        "change_occurrence",
        where=_where,
        number=_number,
        which=_number,
        what=st.sampled_from(OCCURRENCES),
        span=_span,
    ),
)
_mine = st.sampled_from(sorted(EMAILS))
_provider = st.sampled_from(PROVIDERS)
_join_other = happening("join_other", agent=_mine, writes=st.booleans())
_write_to = happening("write_to", agent=_mine, provider=_provider)
of_accounts = st.one_of(
    _join_other, _join_other, _write_to, happening("disconnect", agent=_mine, provider=_provider)
)
by_people = st.one_of(at_the_site, in_calendars)
at_a_provider = st.one_of(
    happening(
        "break_google", fault=st.sampled_from(FAULTS), after=st.integers(0, 5), times=st.integers(1, 4)
    ),
    happening(
        "break_outlook",
        fault=st.sampled_from(OUTLOOK_FAULTS),
        after=st.integers(0, 5),
        times=st.integers(1, 4),
    ),
)
in_the_machine_room = st.one_of(
    st.tuples(st.just("switch_google"), st.sampled_from(SWITCHES)),
    st.tuples(st.just("switch_outlook"), st.sampled_from(OUTLOOK_SWITCHES)),
    happening("kill_sync_tokens", where=st.sampled_from([*CALENDARS, None])),
    happening("revoke", agent=_mine, provider=_provider),
    happening("sign_in", agent=_mine),
    happening("replace_secret"),
    happening("upload_client"),
    happening("break_site", after=st.integers(0, 12), times=st.integers(1, 10)),
    happening("mend"),
    happening("choose_policy", policy=st.sampled_from(DriftPolicy)),
    happening("trouble_plugin", how=st.sampled_from(PLUGIN_TROUBLES), times=st.integers(1, 3)),
)
time_passing = happening("pass_time", pause=st.sampled_from(PAUSES))
# A step of a run, with what makes it likely that the next run comes to it.
moments = st.one_of(
    st.tuples(st.just("create event"), _book),
    st.tuples(st.just("update event"), st.one_of(_retime, _rename_customer, _touch_ours)),
    st.tuples(st.just("delete event"), st.one_of(_set_status, _remove_row, _give_to)),
    st.tuples(st.just("get event"), st.one_of(_decorate_ours, _book)),
    st.tuples(st.just("list page"), by_people),
    st.tuples(st.just("publish busy"), in_calendars),
    st.tuples(st.sampled_from(["write together", "half together"]), st.one_of(_book_many, _cancel_many)),
    st.tuples(st.sampled_from(["create event", "delete event", "store write"]), of_accounts),
    st.tuples(st.just("store write"), at_the_site),
    st.tuples(st.just("store write"), in_calendars),
)
