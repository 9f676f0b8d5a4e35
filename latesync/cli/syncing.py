"""`sync` and `plan`."""

from __future__ import annotations

import logging
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from latesync import messages
from latesync.cli.opening import opened, print_json
from latesync.cli.site import require_home, require_this_site
from latesync.errors import WrongInput
from latesync.model import AccountState
from latesync.services import Services
from latesync.store.accounts import AccountRow


@click.command()
@click.option("--agent", "agent_id", type=int, help="Only this agent (LatePoint's own ID).")
@click.option(
    "--full", is_flag=True, help="Compare everything in full, put right what differs, say how much."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def sync(agent_id: int | None, full: bool, as_json: bool) -> None:
    """Synchronise now, both directions, and say what was done."""
    with opened(log_level=log_level()) as services:
        from latesync.cli.run_report import print_sync, sync_report
        from latesync.sync.now import SyncedNow, sync_now

        require_site(services)
        rows = accounts_of(services, agent_id)
        with progress_bar(as_json) as progress:
            parts = services.sync_parts(progress)
            owner = f"sync-{os.getpid()}-{secrets.token_hex(6)}"
            may_work = require_this_site(services, parts)
            synced = sync_now(parts, owner, rows, full=full) if may_work else SyncedNow()
            services.calendars.record_quota_use()
        report = sync_report(services, rows, synced)
        if as_json:
            print_json(report)
        else:
            print_sync(report)
    sys.exit(1 if report["needs_person"] else 0)


@click.command()
@click.option("--agent", "agent_id", type=int, help="Only this agent (LatePoint's own ID).")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def plan(agent_id: int | None, as_json: bool) -> None:
    """Show what a synchronisation would do to the calendars, and why; change nothing."""
    with opened() as services:
        from latesync.cli.run_report import plan_report, print_plan

        require_site(services)
        require_home(services, services.sync_parts())
        rows = [row for row in accounts_of(services, agent_id) if row.state is not AccountState.DISCONNECTED]
        report = plan_report(services, rows)
    if as_json:
        print_json(report)
    else:
        print_plan(report)
    sys.exit(1 if report["held"] else 0)


def accounts_of(services: Services, agent_id: int | None) -> list[AccountRow]:
    """The accounts in use, of one agent or all. Raises WrongInput for an agent who is not connected."""
    from latesync.store.accounts import list_accounts

    rows = [
        row
        for row in list_accounts(services.database, services.site_id)
        if row.state is not AccountState.DISCONNECTED
    ]
    if agent_id is None:
        return rows
    found = [row for row in rows if row.agent_id == agent_id]
    if not found:
        raise WrongInput(
            f"Agent {agent_id} is not connected to a calendar. `latesync agents` lists the agents, "
            f"`latesync agents link {agent_id}` prints the link to sign in with."
        )
    return found


def require_site(services: Services) -> None:
    """Nothing was typed wrongly where no booking site is connected yet: somebody has to connect it."""
    if not services.has_site_address():
        click.echo(messages.site_problem("not_configured"), err=True)
        sys.exit(1)


def log_level() -> int:
    """For somebody who watches, the bar and the report say it better than the log."""
    return logging.ERROR if sys.stderr.isatty() else logging.WARNING


@contextmanager
def progress_bar(as_json: bool) -> Iterator[Any]:
    """A progress bar where somebody is watching."""
    if as_json or not sys.stderr.isatty():
        yield None
        return
    from latesync.cli.progress import ProgressBar

    with ProgressBar() as bar:
        yield bar
