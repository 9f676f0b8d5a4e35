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
    PROJECT = "project"
    CLIENT = "client"
    MAIL = "mail"
    AGENTS = "agents"


@dataclass(frozen=True, slots=True)
class SetUp:
    """is_finished: the owner said so, and wants no more reminders. is_running: somebody is connected."""

    done: Collection[Step]
    is_finished: bool = False
    is_running: bool = False

    @property
    def next_step(self) -> Step | None:
        return next((step for step in Step if step not in self.done), None)

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
    has_client = _has_client(services)
    found = {
        Step.SITE: is_site_readable(services),
        Step.PROJECT: has_client or remembered.PROJECT_DONE in marks,
        Step.CLIENT: has_client,
        Step.MAIL: remembered.MAIL_SKIPPED in marks or is_mail_tested(services),
        Step.AGENTS: remembered.is_anybody_invited(services.database, services.site_id),
    }
    return SetUp(
        frozenset(step for step, is_done in found.items() if is_done),
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


def _has_client(services: Services) -> bool:
    try:
        client = current_client(services.database, services.box, services.site_id, "google")
    except SecretUnreadable:
        return False
    return client is not None
