"""Salon Linden with a mail server: its agents' sign-ins live and end, and somebody's clock is moved on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from latesync.mailing.sending import Mailing
from latesync.options import AccountType
from latesync.sandbox.site.database import open_site, writing
from latesync.services import Services
from latesync.store.accounts import AccountRow, list_accounts, record_consent
from latesync.store.clients import list_clients, record_client
from latesync.store.outbox import MailRow, list_mails
from latesync.store.schema import accounts
from latesync.sync.now import sync_now
from latesync.times import Zone
from tests.mail.postbox import Postbox
from tests.web.salon import BEN, DANA, OWNER, Salon, open_salon

__all__ = ["BEN", "BERLIN", "DANA", "OWNER", "Office", "open_office"]

BERLIN = Zone("Europe/Berlin")
ADDRESSES = {BEN: "ben@salon-linden.example", DANA: "dana@salon-linden.example"}
MAILBOXES = {"google": "gmail.example", "microsoft": "outlook.example"}
TWENTY_SECONDS = timedelta(seconds=20)


@dataclass
class Office:
    salon: Salon
    postbox: Postbox
    site_file: Path
    mailing: Mailing = field(init=False)
    _owners: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.mailing = self.new_mailing()

    @property
    def services(self) -> Services:
        return self.salon.services

    @property
    def now(self) -> datetime:
        return self.salon.clock.now

    def new_mailing(self, services: Services | None = None) -> Mailing:
        """As after a restart, or in another worker."""
        return Mailing(services or self.services, f"worker-{next(self._owners)}")

    # Time

    def pass_time(self, by: timedelta) -> None:
        self.salon.clock.advance(by)
        self.salon.google.freeze(self.now)

    def go_to(self, day: int, hour: int, minute: int = 0) -> None:
        """A time of that day of the month on Berlin's clocks; it lies ahead."""
        local = self.now.astimezone(BERLIN.tzinfo).replace(day=day, hour=hour, minute=minute, second=0)
        assert local >= self.now
        self.pass_time(local - self.now)

    def wall(self) -> tuple[int, int]:
        """(day, hour) on Berlin's clocks."""
        local = self.now.astimezone(BERLIN.tzinfo)
        return local.day, local.hour

    # What the worker does

    def look(self, mailing: Mailing | None = None) -> int:
        """One look of the mail thread; how many mails went out."""
        mailing = mailing or self.mailing
        mailing.plan_mails(self.now)
        return mailing.send_due(self.now)

    def live(self, hours: int, *, sync_every: int | None = None) -> list[tuple[tuple[int, int], str]]:
        """So many hours go by, with a look in each; ((day, hour), subject) of each mail that came.

        sync_every: hours between two real runs of every account.
        """
        came = []
        for number in range(hours):
            if sync_every and number % sync_every == 0:
                self.sync()
            before = len(self.postbox.mails)
            self.look()
            came += [(self.wall(), mail.subject) for mail in self.postbox.mails[before:]]
            self.pass_time(timedelta(hours=1))
        return came

    def sync(self) -> None:
        """Every connected account runs until nothing of it is due."""
        rows = list_accounts(self.services.database, self.services.site_id)
        sync_now(self.services.sync_parts(), f"sync-{next(self._owners)}", rows)

    # People

    def account(self, agent_id: int = DANA, provider: str | None = None) -> AccountRow:
        account = self.salon.account(agent_id, provider)
        assert account is not None
        return account

    def remember_consent(
        self,
        agent_id: int = DANA,
        *,
        ends_at: datetime | None = None,
        language: str | None = None,
        provider: str = "google",
    ) -> int:
        """A consent as after a sign-in, without the provider; everything is in step, and no run is due."""
        client_ref = self._client() if provider == "google" else self.register_app()
        account_id = record_consent(
            self.services.database,
            self.services.box,
            self.services.site_id,
            agent_id,
            provider,
            f"person-{agent_id}",
            f"agent-{agent_id}@{MAILBOXES[provider]}",
            client_ref,
            "token",
            "calendar",
            self.now,
            ends_at,
            "primary",
            self.now,
            language,
        )
        with self.services.database.write() as connection:
            quiet = update(accounts).where(accounts.c.id == account_id)
            connection.execute(quiet.values(outbound_due_at=None, inbound_due_at=None))
        return account_id

    def register_app(self, ends_on: date | None = None, secret: str = "value") -> int:
        """An app at Microsoft as the owner entered it; ends_on: the day its secret ends."""
        return record_client(
            self.services.database,
            self.services.box,
            self.services.site_id,
            "microsoft",
            "11111111-2222-3333-4444-555555555555",
            secret,
            None,
            (),
            self.now,
            account_type=AccountType.ANY,
            secret_ends_on=ends_on,
        )

    def _client(self) -> int:
        known = list_clients(self.services.database, self.services.site_id, "google")
        if not known:
            self.salon.upload()
            known = list_clients(self.services.database, self.services.site_id, "google")
        return known[0].id

    # The site

    def change_site(self, statement: str, *values: object) -> None:
        with closing(open_site(self.site_file)) as site, writing(site):
            site.execute(statement, values)
        self.pass_time(timedelta(minutes=2))  # what the site says of itself is kept for a minute

    def lose_site(self) -> None:
        """The booking site's database does not answer any more."""
        self.services.site_engine.dispose()
        self.site_file.rename(self.site_file.with_suffix(".away"))
        self.pass_time(timedelta(minutes=2))

    def lose_address(self, agent_id: int = DANA) -> None:
        """No e-mail address is known of the agent."""
        self.change_site("UPDATE wp_latepoint_agents SET email = '' WHERE id = ?", agent_id)
        with self.services.database.write() as connection:
            whose = update(accounts).where(accounts.c.agent_id == agent_id)
            connection.execute(whose.values(email="unknown"))

    # What came of it

    def mails(self, agent_id: int | None = None) -> list[MailRow]:
        """The outbox, the oldest first."""
        found = list_mails(self.services.database, self.services.site_id, agent_id=agent_id)
        return list(reversed(found))

    def ends(self) -> list[tuple[str, str | None]]:
        """(step or kind, how it ended) of each mail."""
        return [(row.step or row.kind, row.ended_as) for row in self.mails()]


@contextmanager
def open_office(
    home: Path, state: Path, postbox: Postbox, *, has_mail: bool = True, smtp_url: str | None = None
) -> Iterator[Office]:
    """smtp_url: of another mail server than the postbox."""
    mail = {
        "LATESYNC_SMTP_URL": smtp_url or postbox.url,
        "LATESYNC_MAIL_FROM": "Salon Linden <mail@salon-linden.example>",
    }
    with open_salon(home, state=state, **(mail if has_mail else {})) as salon:
        yield Office(salon, postbox, home / "site.db")
