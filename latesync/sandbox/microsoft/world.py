"""The sandbox Microsoft as one object: what a test, the demo and the control API can do to it."""

import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ..json_file import write_json
from .clients import check_registration, find_tenant, new_secret
from .errors import Json
from .faults import Fault
from .graph_world import MailboxWorld
from .persons import PERSONAL_TENANT, Person, new_oid
from .refusals import refusal
from .saving import load_state, state_json
from .signin import grant
from .state import DAY_S, Client, RefreshToken
from .tokens import issue_refresh_token, issue_tokens

_SECRET_DAYS = 180.0  # what the portal proposes


class MicrosoftWorld(MailboxWorld):
    """Persons, their calendars, the admin's app registrations and everything that can go wrong."""

    # Accounts

    def add_person(
        self, email: str, name: str = "", *, kind: str = "work", time_zone: str = "UTC", **settings: Any
    ) -> Person:
        """An account with its mailbox and primary calendar. settings: see change_person.

        kind: "work", in the tenant of the address's domain, or "personal".
        """
        if kind not in ("work", "personal"):
            raise ValueError("An account is of kind work or personal.")
        with self.changing():
            if self.find_person(email):
                raise ValueError("There is such an account already.")
            tid = PERSONAL_TENANT if kind == "personal" else self.tenant_of(email.partition("@")[2])
            oid = new_oid(kind, self.next_number())
            person = Person(oid=oid, tid=tid, email=email, name=name or email.partition("@")[0], kind=kind)
            self.persons[oid] = person
            self.fill_mailbox(person, time_zone)
            return self.change_person(oid, **settings)

    def tenant_of(self, domain: str) -> str:
        """The tenant of a domain, made when it is first named."""
        with self.changing():
            return self.tenants.setdefault(domain.casefold(), str(uuid.uuid4()))

    def change_person(self, who: str, **settings: Any) -> Person:
        """What the person does at the sign-in page, and what befalls them; `refusal` by its name.

        who: address or oid.
        """
        with self.changing():
            person = self.person(who)
            _check_refusal(self, settings)
            _set_fields(person, settings, ("auto_consent", "declines", "admin_consent_needed", "refusal"),
                        ("claims_challenge", "name", "email"))  # fmt: skip
            self.attach(person)
            return person

    def remove_person(self, who: str) -> None:
        """The account is gone, with its mailbox; its tokens are refused (50034)."""
        with self.changing():
            del self.persons[self.person(who).oid]

    def withdraw_consent(self, who: str, client_id: str | None = None) -> None:
        """As the person would on their account page: refreshing is answered 65001."""
        with self.changing():
            oid = self.person(who).oid
            for name, people in self.grants.items():
                if client_id in (None, name):
                    people.pop(oid, None)
            self._end_access(oid)

    def revoke_sessions(self, who: str, reason: str = "revoked") -> None:
        """All tokens there are die (T3), with 50173 or the refusal named; those given later live."""
        with self.changing():
            refusal(reason, self.switches)
            oid = self.person(who).oid
            for token in self._refresh_tokens(oid):
                token.ended_by = reason
            self._end_access(oid)

    def is_let_in(self, who: str) -> bool:
        """Whether some app holds a refresh token of this person that still works."""
        with self.lock:
            person, now = self.person(who), self.now()
            if person.refusal:
                return False
            return any(
                not token.ended_by
                and token.issued_ts + self.switches.refresh_token_life_s > now
                and person.oid in self.grants.get(token.client_id, {})
                for token in self._refresh_tokens(person.oid)
            )

    # App registrations

    def add_client(
        self,
        redirect_uris: list[str] | None = None,
        *,
        tenant: str = "sandbox.example",
        secret_days: float = _SECRET_DAYS,
        **settings: Any,
    ) -> Json:
        """Register an app; returns what its admin copies from the portal (M1). settings: see change_client.

        tenant: domain of the directory it is registered in.
        """
        with self.changing():
            tid = self.tenant_of(tenant)
            client = Client(str(uuid.uuid4()), tid, [new_secret(self.now(), secret_days)], [])
            self.clients[client.id] = client
            try:
                self.change_client(client.id, redirect_uris=redirect_uris or [], **settings)
            except ValueError:
                del self.clients[client.id]
                raise
            return self.client_json(client.id)

    def change_client(self, client_id: str, **settings: Any) -> Client:
        """E.g. audience="AzureADMyOrg", platform="spa", redirect_uris=[...], refusal="throttled"."""
        with self.changing():
            client = self.clients[client_id]
            before = dict(vars(client))
            _check_refusal(self, settings)
            _set_fields(client, settings, ("redirect_uris", "audience", "platform", "name", "withheld"),
                        ("admin_consent_needed", "verified", "refusal"))  # fmt: skip
            try:
                check_registration(client)
            except ValueError:
                vars(client).update(before)
                raise
            return client

    def remove_client(self, client_id: str) -> None:
        with self.changing():
            del self.clients[client_id]

    def client_json(self, client_id: str) -> Json:
        """Client id, tenant, and the newest secret: its value, its id (M1) and its end (M2)."""
        client = self.clients[client_id]
        newest = client.secrets[-1]
        return {
            "client_id": client.id,
            "tenant_id": client.tid,
            "secret": newest.value,
            "secret_id": newest.id,
            "secret_ends_at": newest.ends_ts,
            "authority": f"{self.base_url}/{client.tid}",
        }

    def add_secret(self, client_id: str, *, days: float = _SECRET_DAYS, keep_old: bool = True) -> Json:
        """Another secret; the old ones go on for their time unless they are removed (M3)."""
        with self.changing():
            client = self.clients[client_id]
            kept = client.secrets if keep_old else []
            client.secrets = [*kept, new_secret(self.now(), days)]
            return self.client_json(client_id)

    def end_secrets(self, client_id: str) -> None:
        """Every secret expired a day ago (7000222)."""
        with self.changing():
            for one in self.clients[client_id].secrets:
                one.ends_ts = self.now() - DAY_S

    def consent_as_admin(self, client_id: str, tenant: str) -> None:
        """An administrator agrees for a tenant, named by id or domain (90094)."""
        with self.changing():
            client = self.clients[client_id]
            tid = find_tenant(self, tenant) or client.tid
            client.admin_consents = list(dict.fromkeys([*client.admin_consents, tid]))

    def grant(self, who: str, client_id: str, scopes: list[str]) -> Json:
        """The token endpoint's answer as after a consent, without the pages."""
        with self.changing():
            client, person = self.clients[client_id], self.person(who)
            grant(self, client, person, scopes)
            refresh = issue_refresh_token(self, client, person, scopes, self.now())
            return issue_tokens(self, client, person, scopes, refresh, {"client_info": "1"})

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
            write_json(Path(path), state_json(self))

    def save_after_changes(self, path: Path | str) -> None:
        """From now on the file is replaced after every change."""
        self.on_change = lambda: self.save(path)
        self.save(path)

    @classmethod
    def load(cls, path: Path | str) -> "MicrosoftWorld":
        world = cls()
        load_state(world, Path(path))
        world.attach_mailboxes()
        return world

    def _refresh_tokens(self, oid: str) -> list[RefreshToken]:
        return [token for token in self.refresh_tokens.values() if token.oid == oid]

    def _end_access(self, oid: str) -> None:
        if not self.switches.revoking_ends_access_tokens:
            return
        for token in self.access_tokens.values():
            if token.oid == oid:
                token.ends_ts = min(token.ends_ts, self.now())


def _check_refusal(world: MailboxWorld, settings: dict[str, Any]) -> None:
    if settings.get("refusal"):
        refusal(settings["refusal"], world.switches)


def _set_fields(thing: Person | Client, settings: dict[str, Any], *allowed: tuple[str, ...]) -> None:
    names = {name for group in allowed for name in group}
    for name, value in settings.items():
        if name not in names:
            raise ValueError(f"{name} cannot be set here.")
        setattr(thing, name, value)
