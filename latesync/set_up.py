"""How far the guided set-up is: computed from what is there; only what nobody can see is remembered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from latesync.errors import SecretUnreadable, SiteError, WrongInput
from latesync.services import Services
from latesync.store import set_up as remembered
from latesync.store.accounts import list_accounts
from latesync.store.clients import current_client


class Step(StrEnum):
    """In the order in which they are shown."""

    SITE = "site"
    CALENDARS = "calendars"  # whose: the two after it are Google's, then comes Microsoft's
    PROJECT = "project"
    CLIENT = "client"
    MICROSOFT = "microsoft"
    MAIL = "mail"
    AGENTS = "agents"


PROVIDER_OF = {Step.PROJECT: "google", Step.CLIENT: "google", Step.MICROSOFT: "microsoft"}
_CLIENT_STEPS = frozenset({Step.CLIENT, Step.MICROSOFT})


@dataclass(frozen=True, slots=True)
class SetUp:
    """providers: whose calendars the owner's agents have, as far as they said.

    is_finished: the owner said so, and wants no more reminders. is_running: somebody is connected.
    """

    done: Collection[Step]
    providers: Collection[str] = ()
    is_finished: bool = False
    is_running: bool = False

    @property
    def steps(self) -> tuple[Step, ...]:
        """The way, in order: with the steps of the providers that were chosen, and of no other."""
        return tuple(step for step in Step if step not in PROVIDER_OF or PROVIDER_OF[step] in self.providers)

    @property
    def done_steps(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step in self.done)

    @property
    def next_step(self) -> Step | None:
        return next((step for step in self.steps if step not in self.done), None)

    @property
    def has_client(self) -> bool:
        """Whether agents can sign in somewhere."""
        return not _CLIENT_STEPS.isdisjoint(self.done)

    @property
    def is_open(self) -> bool:
        """Whether the dashboard speaks of it."""
        return not self.is_finished and self.next_step is not None

    @property
    def leads(self) -> bool:
        """Whether the owner is led to it after signing in; not where the main job runs already."""
        return self.is_open and not self.is_running


def read_set_up(services: Services) -> SetUp:
    """Raises StateUnavailable; a site that cannot be read is a step not done."""
    marks = remembered.read_marks(services.database, services.site_id)
    usable = {provider for provider in remembered.USES if _has_client(services, provider)}
    providers = usable | {provider for provider, mark in remembered.USES.items() if mark in marks}
    if remembered.PROJECT_DONE in marks and not providers:
        providers = {"google"}  # begun before there was a choice
    found = {
        Step.SITE: is_site_readable(services),
        Step.CALENDARS: bool(providers),
        Step.PROJECT: "google" in usable or remembered.PROJECT_DONE in marks,
        Step.CLIENT: "google" in usable,
        Step.MICROSOFT: "microsoft" in usable,
        Step.MAIL: remembered.MAIL_SKIPPED in marks or is_mail_tested(services),
        Step.AGENTS: remembered.is_anybody_invited(services.database, services.site_id),
    }
    return SetUp(
        frozenset(step for step, is_done in found.items() if is_done),
        frozenset(providers),
        is_finished=remembered.FINISHED in marks,
        is_running=bool(list_accounts(services.database, services.site_id)),
    )


def is_site_readable(services: Services) -> bool:
    try:
        services.site.facts()
    except (SiteError, WrongInput):
        return False
    return True


def is_mail_tested(services: Services) -> bool:
    """Whether the mail server there is now took a test message: another one, or another sender, did not."""
    try:
        server = services.mail_server()
    except WrongInput:
        return False
    tested = remembered.read_tested_server(services.database, services.site_id)
    return server is not None and server.stamp == tested


def _has_client(services: Services, provider: str) -> bool:
    try:
        client = current_client(services.database, services.box, services.site_id, provider)
    except SecretUnreadable:
        return False
    return client is not None
