"""The sandbox Google as one object: what a test, the demo and the control API can do to it."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from . import calendars, grants
from . import events as writing
from .clients import client_json, new_client, new_secret, note_change
from .errors import Json
from .faults import Fault
from .keeping import sweep
from .listing import expanded
from .meetings import finish_meetings
from .saving import load_state, save_state
from .shown import show
from .state import Calendar, Client, Event, State, User


class GoogleWorld(State):
    """Users, their calendars, the admin's OAuth clients and everything that can go wrong.

    Methods that act on events act as the calendar's owner in Google's own page: nothing is asked of OAuth,
    and every event type may be placed.
    """

    # Accounts and clients

    def add_user(self, email: str, name: str = "", *, time_zone: str = "UTC", **settings: Any) -> User:
        """A Google account with its primary calendar. settings: further fields of User."""
        with self.changing():
            if email in self.users:
                raise ValueError("There is such an account already.")
            sub = str(10**20 + self.next_number())
            user = User(email=email, name=name or email.partition("@")[0], sub=sub, **settings)
            self.users[email] = user
            calendars.add_calendar(self, email, email, time_zone, primary=True)
            return user

    def change_user(self, email: str, **settings: Any) -> User:
        """What the person does at consent, and what befalls them: fields of User, e.g. unticks=[scope]."""
        with self.changing():
            user = self.user(email)
            _set_fields(user, settings, ("auto_consent", "declines", "unticks", "needs_reauthentication"),
                        ("admin_blocks", "advanced_protection", "name", "organisation"))  # fmt: skip
            return user

    def remove_user(self, email: str) -> None:
        """The account is gone, with its calendars and tokens (L9)."""
        with self.changing():
            grants.revoke_person(self, None, email)
            del self.users[email]
            for calendar in [c for c in self.calendars.values() if c.owner == email]:
                del self.calendars[calendar.id]

    def add_client(
        self,
        redirect_uris: list[str] | None = None,
        mode: str = "production",
        *,
        project: str = "sandbox-project",
        **settings: Any,
    ) -> Json:
        """Register an OAuth client; returns the JSON that Google's console would offer for download.

        settings: kind, name, verified, test_users, organisation, javascript_origins (of Client).
        """
        with self.changing():
            client = new_client(project, self.now())
            self.clients[client.id] = client
            self.change_client(client.id, redirect_uris=redirect_uris or [], mode=mode, **settings)
            client.settles_ts = 0.0  # nothing is changed: the whole client is new
            client.known_from_ts = self.now() + self.switches.settings_take_s
            return self.client_json(client.id)

    def change_client(self, client_id: str, **settings: Any) -> Client:
        """E.g. mode="testing", test_users=[...], redirect_uris=[...], deleted=True."""
        with self.changing():
            client = self.clients[client_id]
            before = list(client.redirect_uris)
            _set_fields(client, settings, ("redirect_uris", "kind", "mode", "name", "verified", "test_users"),
                        ("organisation", "deleted", "javascript_origins"))  # fmt: skip
            note_change(self, client, before)
            if client.mode not in ("testing", "production", "internal"):
                raise ValueError("A client's mode is testing, production or internal.")
            return client

    def remove_client(self, client_id: str) -> None:
        """Deleted for good: after thirty days Google no longer knows that there was one (C3)."""
        with self.changing():
            del self.clients[client_id]

    def client_json(self, client_id: str) -> Json:
        return client_json(self, self.clients[client_id])

    def rotate_secret(self, client_id: str, *, keep_old: bool = False) -> Json:
        """A new secret; the old one stops working unless it is kept for a while (C2)."""
        with self.changing():
            client = self.clients[client_id]
            client.secrets = [*(client.secrets if keep_old else []), new_secret()]
            return self.client_json(client_id)

    def grant(self, email: str, client_id: str, scopes: list[str]) -> Json:
        """Tokens as after a consent, without the pages."""
        with self.changing():
            client = self.clients[client_id]
            self.grants.setdefault(client.project, {})[email] = list(scopes)
            refresh = grants.issue_refresh_token(self, client, email, scopes)
            return grants.issue_tokens(self, client, self.user(email), scopes, refresh)

    def is_let_in(self, email: str) -> bool:
        """Whether some app holds a refresh token of this person that still works."""
        with self.lock:
            return any(
                token.email == email and (token.ends_ts is None or token.ends_ts > self.now())
                for token in self.refresh_tokens.values()
            )

    def revoke_grants(self, email: str) -> None:
        """As the person would on their account page (L1)."""
        with self.changing():
            grants.revoke_person(self, None, email)

    # Calendars

    def calendar(self, email: str) -> Calendar:
        """The account's primary calendar."""
        return self.calendars[email]

    def add_calendar(self, owner: str, summary: str, *, time_zone: str = "UTC") -> Calendar:
        with self.changing():
            return calendars.add_calendar(self, owner, summary, time_zone)

    def share_calendar(self, calendar_id: str, email: str, role: str) -> None:
        with self.changing():
            calendars.set_role(self, self.calendars[calendar_id], email, role)

    def set_list_entry(self, email: str, calendar_id: str, **settings: Any) -> None:
        """E.g. hidden=True, selected=False, summaryOverride="Work"."""
        with self.changing():
            user = self.user(email)
            user.listed.setdefault(calendar_id, {}).update(settings)
            user.list_changes.note(calendar_id)

    def remove_calendar(self, calendar_id: str) -> None:
        with self.changing():
            calendars.remove_calendar(self, self.calendars[calendar_id])

    def kill_sync_tokens(self, calendar_id: str | None = None) -> None:
        """Every token of one calendar, or of all, answers 410 from now on (Y9)."""
        with self.changing():
            for calendar in self.calendars.values():
                if calendar_id in (None, calendar.id):
                    calendar.token_age += 1

    # Events, as the calendar's owner

    def put_event(self, calendar_id: str, body: Json) -> Json:
        """Insert, or replace the living event of this id."""
        with self.changing():
            calendar = self.calendars[calendar_id]
            there = calendar.events.get(body.get("id", ""))
            if there is not None and not there.cancelled:
                return self._shown(
                    calendar, writing.update(self, calendar, there.id, body, self._person(calendar))
                )
            return self._shown(calendar, writing.insert(self, calendar, body, self._person(calendar)))

    def patch_event(self, calendar_id: str, event_id: str, body: Json) -> Json:
        with self.changing():
            calendar = self.calendars[calendar_id]
            return self._shown(
                calendar, writing.patch(self, calendar, event_id, body, self._person(calendar))
            )

    def delete_event(self, calendar_id: str, event_id: str) -> None:
        with self.changing():
            calendar = self.calendars[calendar_id]
            writing.delete(self, calendar, event_id, self._person(calendar))

    def event(self, calendar_id: str, event_id: str) -> Json:
        """Raises KeyError when it is not stored; a plain instance of a series is not."""
        with self.lock:
            calendar = self.calendars[calendar_id]
            finish_meetings(self, calendar)
            return self._shown(calendar, calendar.events[event_id])

    def events(self, calendar_id: str, include_deleted: bool = False) -> list[Json]:
        """Single events, series and exceptions, by start."""
        with self.lock:
            calendar = self.calendars[calendar_id]
            sweep(self, calendar)
            finish_meetings(self, calendar)
            stored = sorted(calendar.events.values(), key=lambda event: (event.start_ts, event.id))
            return [
                self._shown(calendar, event) for event in stored if include_deleted or not event.cancelled
            ]

    def occurrences(self, calendar_id: str, after: datetime, before: datetime) -> list[Json]:
        """What a calendar page shows: single events and every instance of a series, by start."""
        with self.lock:
            calendar = self.calendars[calendar_id]
            found = expanded(self, calendar, after.timestamp(), before.timestamp())
            return [self._shown(calendar, event) for event in found]

    # What can go wrong, and what went on

    def set_switches(self, **values: Any) -> None:
        with self.changing():
            self.switches = self.switches.changed(**values)

    def add_fault(self, kind: str, **rule: Any) -> Fault:
        with self.lock:
            return self.faults.add(Fault(kind, **rule))

    def clear_faults(self) -> None:
        with self.lock:
            self.faults.clear()

    def advance(self, by: timedelta) -> None:
        with self.changing():
            self.clock.advance(by)

    def freeze(self, at: datetime | None = None) -> None:
        with self.changing():
            self.clock.freeze(at)

    def forget_requests(self) -> None:
        with self.lock:
            self.requests.clear()
            self.request_counts.clear()

    # Keeping

    def save(self, path: Path | str) -> None:
        with self.lock:
            save_state(self, Path(path))

    def save_after_changes(self, path: Path | str) -> None:
        """From now on the file is replaced after every change."""
        self.on_change = lambda: self.save(path)
        self.save(path)

    @classmethod
    def load(cls, path: Path | str) -> "GoogleWorld":
        world = cls()
        load_state(world, Path(path))
        return world

    def _person(self, calendar: Calendar) -> writing.Write:
        return writing.Write(email=calendar.owner, is_person=True)

    def _shown(self, calendar: Calendar, event: Event) -> Json:
        return show(self, calendar, event, role="owner")


def _set_fields(thing: User | Client, settings: dict[str, Any], *allowed: tuple[str, ...]) -> None:
    names = {name for group in allowed for name in group}
    for name, value in settings.items():
        if name not in names:
            raise ValueError(f"{name} cannot be set here.")
        setattr(thing, name, value)
