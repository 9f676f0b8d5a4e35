"""What a client in place of the one in use would mean, and what follows once it is taken; any provider."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from latesync.consent.flow import ConsentDesk
from latesync.model import AccountState
from latesync.plan.client_replacement import (
    ClientReplacement,
    ClientUser,
    KnownClient,
    plan_replacement,
)
from latesync.plan.failures import CLIENT_PROBLEMS_OF_RUNS
from latesync.store.accounts import list_accounts
from latesync.store.clients import ClientRow, list_clients, retry_accounts
from latesync.store.old_clients import forget_unused_clients

_LOG = logging.getLogger(__name__)


def look_at_client(
    desk: ConsentDesk,
    provider: str,
    client_id: str,
    project_id: str | None,
    says_the_same: Callable[[ClientRow], bool],
) -> ClientReplacement:
    """Nothing is changed. says_the_same: whether the one in use is this very one, its secret included."""
    clients = list_clients(desk.database, desk.site_id, provider)
    users = [
        ClientUser(account.agent_id, account.client_ref, account.state is AccountState.CONNECTED)
        for account in list_accounts(desk.database, desk.site_id)
        if account.state is not AccountState.DISCONNECTED and account.provider == provider
    ]
    current = next((client for client in clients if client.is_current), None)
    return plan_replacement(
        client_id,
        project_id,
        [_known(client) for client in clients],
        users,
        is_unchanged=current is not None and says_the_same(current),
    )


def current_of(desk: ConsentDesk, provider: str) -> ClientRow | None:
    """The client in use, without its secret."""
    clients = list_clients(desk.database, desk.site_id, provider)
    return next((client for client in clients if client.is_current), None)


def let_stopped_try(desk: ConsentDesk, provider: str, client_ref: int, now: datetime) -> None:
    """A client was taken: whom the old one stopped tries at once, and what nobody uses is forgotten."""
    retry_accounts(desk.database, desk.site_id, client_ref, CLIENT_PROBLEMS_OF_RUNS, now)
    forget_unused_clients(desk.database, desk.box, desk.site_id, provider, now)
    _LOG.info("client uploaded provider=%s client=%d", provider, client_ref)


def _known(client: ClientRow) -> KnownClient:
    is_refused = client.problem in CLIENT_PROBLEMS_OF_RUNS
    return KnownClient(client.id, client.client_id, client.project_id, client.is_current, is_refused)
