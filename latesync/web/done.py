"""After a provider's return: what is being written, and what was. The page looks again until that is over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from latesync.consent.flow import agents_sharing
from latesync.model import AccountState
from latesync.options import NextSync, ResetEvents
from latesync.read_overview import count_waiting_bookings
from latesync.sentences import connect_sentences, reset_sentences, sign_in_sentences
from latesync.sentences.problem_sentences import own_problem
from latesync.store.accounts import AccountRow, active_accounts
from latesync.store.history import Who
from latesync.store.left_out import count_left_out
from latesync.store.resets import last_reset, open_reset
from latesync.store.runs import RunRow, last_runs
from latesync.web.connect import agent_only
from latesync.web.context import now, overview, services
from latesync.web.desk import desk

blueprint = Blueprint("done", __name__, url_prefix="/connect")

LOOKS_FOR = timedelta(minutes=2)  # then it says that it goes on by itself
SHOWN_FOR = timedelta(hours=1)  # later runs are no longer what the sign-in brought
LOOK_AGAIN_S = 3
MOST_RUNS = 200  # more than an account has in an hour


@dataclass(frozen=True, slots=True)
class Outcome:
    """is_over: the page need not look again. notes: what else the agent should know."""

    text: str
    is_over: bool
    is_fine: bool
    waiting: int | None = 0
    written: int = 0
    changed: int = 0
    removed: int = 0
    notes: tuple[str, ...] = ()


@blueprint.get("/done")
@agent_only
def page(agent_id: int) -> ResponseReturnValue:
    account = _returned(agent_id)
    if account is None:
        return redirect(url_for("connect.page"))
    outcome = _outcome(account)
    return render_template("done.html", outcome=outcome, look_again_s=LOOK_AGAIN_S)


@blueprint.get("/done.json")
@agent_only
def state(agent_id: int) -> ResponseReturnValue:
    account = _returned(agent_id)
    if account is None:
        return {"is_over": True}
    found = _outcome(account)
    return {
        "is_over": found.is_over,
        "text": found.text,
        "waiting": found.waiting,
        "written": found.written,
        "changed": found.changed,
        "removed": found.removed,
    }


def is_just_back(account: AccountRow) -> bool:
    """Whether the agent signed in so recently that what was done is still of interest."""
    is_connected = account.state is AccountState.CONNECTED
    return is_connected and account.consented_at is not None and now() - account.consented_at < SHOWN_FOR


def _returned(agent_id: int) -> AccountRow | None:
    """Of an agent with two accounts, the one that was signed in last."""
    accounts = active_accounts(services().database, services().site_id, agent_id)
    return max(
        filter(is_just_back, accounts), key=lambda account: account.consented_at or now(), default=None
    )


def _outcome(account: AccountRow) -> Outcome:
    """From the runs since the consent, and from what still waits."""
    runs = _runs_since_consent(account)
    numbers = (
        sum(run.events_created for run in runs),
        sum(run.events_updated for run in runs),
        sum(run.events_deleted for run in runs),
    )
    notes = _notes(account)
    if _has_been_through(account):
        return Outcome(_done_words(account, *numbers), True, True, 0, *numbers, notes)
    is_late = account.consented_at is None or now() - account.consented_at >= LOOKS_FOR
    # Asked as if it were due: what a run is at has no due time.
    waiting = count_waiting_bookings(services(), replace(account, outbound_due_at=now()), now())
    if open_reset(services().database, account.id) is not None:
        waiting = None  # those that stay out are about to be told from those that come
    if account.problem:
        text = own_problem(account.problem, account.provider)
        notes = (*sign_in_sentences.written_so_far(*numbers), *notes)
    else:
        text = sign_in_sentences.GOES_ON if is_late else sign_in_sentences.being_written(waiting)
    return Outcome(text, is_late, not account.problem, waiting, *numbers, notes)


def _done_words(account: AccountRow, *numbers: int) -> str:
    written, changed, removed = numbers
    if not account.is_written and not sum(numbers):
        return connect_sentences.busy_read(account.provider)
    return sign_in_sentences.all_written(written, changed, removed)


def _has_been_through(account: AccountRow) -> bool:
    """Whether both directions were looked after since the consent; runs with an older one record nothing."""
    since = account.consented_at
    looks = (account.outbound_good_at, account.inbound_good_at)
    return since is not None and not account.problem and all(look and look >= since for look in looks)


def _runs_since_consent(account: AccountRow) -> list[RunRow]:
    runs = last_runs(services().database, services().site_id, account.id, MOST_RUNS)
    return [run for run in runs if account.consented_at and run.started_at >= account.consented_at]


def _notes(account: AccountRow) -> tuple[str, ...]:
    notes: list[str] = []
    agent = overview(account.agent_id).agent(account.agent_id)
    shown = agent.account_at(account.provider) if agent is not None else None
    if shown is not None:
        refused = len(shown.set_aside) + len(shown.unreadable)
        notes += sign_in_sentences.left_for_owner(len(shown.held), refused)
    if _wants_new_only(account):
        left_out = count_left_out(services().database, account.id)
        notes.append(reset_sentences.only_new(left_out or None))
    others = agents_sharing(desk(), account.id)
    return (
        (*notes, sign_in_sentences.shared_account(len(others), account.provider)) if others else tuple(notes)
    )


def _wants_new_only(account: AccountRow) -> bool:
    """Whether that was chosen with this sign-in, the account's first."""
    job = last_reset(services().database, account.id)
    is_of_sign_in = job is not None and job.asked_by is Who.AGENT and job.wish.events is ResetEvents.KEEP
    return job is not None and is_of_sign_in and job.wish.next is NextSync.NEW
