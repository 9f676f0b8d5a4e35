"""What `doctor` asks of LateSync itself: its tables, its keys, its worker."""

from __future__ import annotations

from collections.abc import Iterable

from latesync import messages
from latesync.checks.findings import FINE, NOTE, WRONG, Finding
from latesync.errors import SecretUnreadable, StateNotReady
from latesync.health_overview import late_since
from latesync.model import AccountState
from latesync.sentences import key_sentences
from latesync.services import Services
from latesync.store.accounts import AccountRow, list_accounts, read_refresh_token
from latesync.store.pauses import read_resting
from latesync.store.sites import read_site

OWN_TABLES = "LateSync's own tables"
SHORTEST_SECRET = 20  # characters; one that LateSync makes has 43


def check_state(services: Services) -> Iterable[Finding]:
    from latesync.store.migrate import require_current  # Alembic takes its time

    kind = services.config.database_url.split(":", 1)[0].split("+", 1)[0]
    try:
        require_current(services.database)
    except StateNotReady as exc:
        yield Finding(OWN_TABLES, WRONG, str(exc))  # it names the remedy
        return
    yield Finding(OWN_TABLES, FINE, f"up to date ({kind})")


def check_keys(services: Services) -> Iterable[Finding]:
    home = services.config.home
    if home.stat().st_mode & 0o077:
        yield Finding(
            "home folder",
            WRONG,
            f"{home} can be read by other users of this machine; it holds keys.",
            f"Run `chmod 700 {home}`.",
        )
    else:
        yield Finding("home folder", FINE, f"{home} is closed to other users")
    if len(services.bridge_secret) < SHORTEST_SECRET:
        yield Finding(
            "bridge secret",
            NOTE,
            "it is short, and whoever guesses it can open LateSync as the owner",
            "Leave LATESYNC_BRIDGE_SECRET out and one is made; then connect the plugin anew.",
        )


def check_secrets(services: Services) -> Iterable[Finding]:
    """Whether every stored sign-in can still be read with the keys there are."""
    accounts = [row for row in list_accounts(services.database, services.site_id) if _has_token(row)]
    locked = [row for row in accounts if not _is_readable(services, row)]
    if locked:
        agents = ", ".join(str(row.agent_id) for row in locked)
        yield Finding(
            "stored sign-ins",
            WRONG,
            f"{len(locked)} of {len(accounts)} were written with a key that is gone (agents {agents})",
            f"{key_sentences.PUT_BACK} Otherwise ask these agents to sign in again.",
        )
    elif accounts:
        yield Finding("stored sign-ins", FINE, f"{messages.counted(len(accounts), 'sign-in')} can be read")


def _has_token(account: AccountRow) -> bool:
    return account.state is AccountState.CONNECTED


def _is_readable(services: Services, account: AccountRow) -> bool:
    try:
        read_refresh_token(services.database, services.box, account.id)
    except SecretUnreadable:
        return False
    return True


def check_worker(services: Services) -> Iterable[Finding]:
    """Whether due work is taken up; a worker that has nothing to do leaves no trace."""
    accounts, now = list_accounts(services.database, services.site_id), services.clock()
    if read_site(services.database, services.site_id).stopped_for:
        yield Finding("worker", NOTE, "nothing is done until a person has said which site this is")
        return
    since = late_since(accounts, now, read_resting(services.database, services.site_id))
    if since is not None:
        yield Finding("worker", WRONG, messages.worker_silent(since, now))
        return
    connected = [account for account in accounts if account.state is AccountState.CONNECTED]
    good = [at for row in connected for at in (row.outbound_good_at, row.inbound_good_at) if at is not None]
    if not connected:
        yield Finding("worker", NOTE, "nothing is due yet: nobody has connected a calendar")
    elif not good:
        yield Finding("worker", NOTE, "no calendar was synchronised yet", "`latesync worker` must run.")
    else:
        yield Finding("worker", FINE, f"no work is late; the last was done {messages.age(max(good), now)}")
