"""A run: one account, once through what is due of both directions, ended by one answer (law L8)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import uuid4

from latesync.errors import ClientRejected, LateSyncError, LeaseLost
from latesync.plan.failures import (
    CLIENT_PROBLEMS_OF_RUNS,
    FIRST_PAUSE,
    Problem,
    Verdict,
    Who,
    client_works_for_others,
    pause_after,
    who_acts_next,
)
from latesync.plan.pace import poll_interval
from latesync.providers.base import CalendarProvider
from latesync.store import accounts, calendars, clients, fingerprints, leases, runs
from latesync.store.fenced import FencedDatabase
from latesync.store.leases import Claim
from latesync.sync.compare import begin_comparison, finish_comparison
from latesync.sync.inbound import publish, sync_inbound
from latesync.sync.measuring import measure
from latesync.sync.meetings import MeetingFollower
from latesync.sync.outbound import sync_outbound
from latesync.sync.own_events import InboundResult
from latesync.sync.parts import Brake, RunCounts, SyncParts
from latesync.sync.recording import note_busy_time
from latesync.sync.reset import Afterwards, work_off

log = logging.getLogger(__name__)

# The account that is written to says when it has made events; this is for what it could not say, or could not
# make yet, and for an agent's lines that could not be carried over.
STAYING_PAUSE = timedelta(minutes=15)


@dataclass
class RunResult:
    """verdicts: one for each direction that failed. is_finished: nothing due was left undone.

    is_news: the account does better or worse than before, or an agent's wish was answered.
    disconnects: a reset has removed our events, and the account is to end with that.
    look_again_at: when what a provider makes later (a link to a meeting) is looked for again.
    """

    account_id: int
    agent_id: int
    counts: RunCounts = field(default_factory=RunCounts)
    outbound: Verdict | None = None
    inbound: Verdict | None = None
    is_finished: bool = True
    is_news: bool = False
    disconnects: bool = False
    look_again_at: datetime | None = None

    @property
    def verdicts(self) -> list[Verdict]:
        return [verdict for verdict in (self.outbound, self.inbound) if verdict is not None]

    @property
    def outcome(self) -> str:
        return self.verdicts[0].problem.value if self.verdicts else "fine"


def run_account(
    parts: SyncParts, claim: Claim, brake: Brake, owner: str, *, calendars_polled: int
) -> RunResult:
    """Do what is due in a claimed account, record how it ended and give the claim back.

    calendars_polled: of all accounts that share a daily quota; the pace of polling follows from it.
    """
    result = RunResult(claim.account.id, claim.account.agent_id)
    fenced = replace(parts, database=FencedDatabase(parts.database, owner, claim.account.id), run=uuid4().hex)
    try:
        outbound_was_due = _run(fenced, claim, brake, result)
    except LeaseLost:
        result.is_finished = False
        _leave_to_successor(parts, claim)
        return result
    measure(parts, claim, result.counts)
    if result.disconnects:
        _disconnect(parts, claim)
    # Guarded by its own condition; the fence would only cost every idle look a statement.
    _give_back(parts, claim, owner, result, outbound_was_due, calendars_polled)
    return result


def _run(parts: SyncParts, claim: Claim, brake: Brake, result: RunResult) -> bool:
    """True when the outbound direction was due, at first or by what the other one found."""
    started = parts.clock()
    outbound_is_due = claim.outbound_due
    provider = _connect(parts, claim, result)
    if provider is not None and claim.inbound_due:
        outbound_is_due |= _run_inbound(parts, claim, provider, brake, result)
    if provider is not None and outbound_is_due:
        if _has_lost_consent(result):
            result.is_finished = False  # it was not even begun, and must not pass for a good look
        elif result.inbound is not None and result.inbound.problem is Problem.RATE_LIMITED:
            result.outbound = result.inbound  # whoever asks again sooner waits longer (microsoft-graph.md L3)
        else:
            _run_outbound(parts, claim, provider, brake, result)
    _remember(parts, claim, result, started, outbound_is_due)
    return outbound_is_due


def _leave_to_successor(parts: SyncParts, claim: Claim) -> None:
    """What this run did last is not recorded, and the site may show what it had read: both are looked at."""
    log.warning("run was overtaken account=%d", claim.account.id)
    calendars.record_unpublished(parts.database, claim.account.id)
    agents = {claim.account.agent_id}
    fingerprints.pull_forward(
        parts.database, parts.site_id, agents, parts.clock(), outbound=True, inbound=True
    )


def give_back_untouched(parts: SyncParts, claim: Claim, owner: str) -> None:
    """Release a claim that was never begun: everything stays due as it was."""
    leases.release(
        parts.database,
        owner,
        claim.account.id,
        parts.clock(),
        outbound_due_at=parts.clock() if claim.outbound_due else claim.account.outbound_due_at,
        inbound_due_at=parts.clock() if claim.inbound_due else claim.account.inbound_due_at,
        failures=claim.account.failures,
        problem=claim.account.problem,
        failing=claim.account.failing,
        outbound_good=False,
        inbound_good=False,
    )


def give_back_broken(parts: SyncParts, claim: Claim, owner: str) -> RunResult:
    """Release an account whose run met an error nobody foresaw: it comes again after a pause (law L8)."""
    result = RunResult(claim.account.id, claim.account.agent_id, is_news=True)
    failures, now = claim.account.failures + 1, parts.clock()
    retry_at = now + pause_after(failures, parts.spread())
    result.outbound = Verdict(Who.OPERATOR, Problem.INTERNAL_ERROR, retry_at)
    leases.release(
        parts.database,
        owner,
        claim.account.id,
        now,
        outbound_due_at=retry_at if claim.outbound_due else None,
        inbound_due_at=retry_at,
        failures=failures,
        problem=Problem.INTERNAL_ERROR.value,
        failing="outbound" if claim.outbound_due else "inbound",
        outbound_good=False,
        inbound_good=False,
    )
    return result


def _connect(parts: SyncParts, claim: Claim, result: RunResult) -> CalendarProvider | None:
    try:
        return parts.connect(claim)
    except LateSyncError as exc:
        result.outbound = result.inbound = _judge(parts, claim, exc)
        return None


def _run_inbound(
    parts: SyncParts, claim: Claim, provider: CalendarProvider, brake: Brake, result: RunResult
) -> bool:
    """True when one of our events drifted, so that the other direction has work."""
    seen = InboundResult(has_news=any(row.is_unpublished for row in claim.calendars))
    has_work = False
    try:
        comparison = begin_comparison(parts, claim, provider, brake)
        sync_inbound(parts, claim.account, claim.calendars, provider, brake, seen)
        if seen.has_news:
            publish(parts, claim.account, result.counts)
            result.counts.changes_read, result.counts.shown_at = seen.changed_at, parts.clock()
        if seen.lost_calendars:
            result.inbound = Verdict(Who.AGENT, Problem.CALENDAR_LOST, None)
        if comparison is not None and not brake.is_on_for(claim.account.id):
            has_work = finish_comparison(parts, claim.account, provider, comparison, seen, result.counts)
    except LateSyncError as exc:
        result.inbound = _judge(parts, claim, exc)
    result.counts.refusals += seen.refusals
    return seen.has_drift or has_work


def _run_outbound(
    parts: SyncParts, claim: Claim, provider: CalendarProvider, brake: Brake, result: RunResult
) -> None:
    try:
        afterwards = work_off(parts, claim.account, provider, brake, result.counts)
        if afterwards is Afterwards.OUTBOUND:
            result.is_finished = sync_outbound(parts, claim.account, provider, brake, result.counts)
            meetings = MeetingFollower(parts, claim.account.id, provider).follow(brake)
            result.look_again_at = _sooner(meetings, _look_for_staying(parts, result))
            _tell_siblings(parts, claim, result)
        else:
            result.is_finished = False
            result.disconnects = afterwards is Afterwards.DISCONNECT
    except LateSyncError as exc:
        result.outbound = _judge(parts, claim, exc)


def _tell_siblings(parts: SyncParts, claim: Claim, result: RunResult) -> None:
    """What stands here now may go from the agent's other account. Costs whoever has only one nothing."""
    has_written = result.counts.events_created or result.counts.events_updated
    if claim.has_sibling and claim.account.is_written and has_written:
        account = claim.account
        fingerprints.pull_siblings_forward(
            parts.database, parts.site_id, account.agent_id, account.id, parts.clock()
        )


def _look_for_staying(parts: SyncParts, result: RunResult) -> datetime | None:
    return parts.clock() + STAYING_PAUSE if result.counts.events_staying else None


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)


def _disconnect(parts: SyncParts, claim: Claim) -> None:
    """Outside of the fence: it ends the lease together with the account."""
    if parts.disconnect is not None:
        parts.disconnect(claim.account)
    else:
        accounts.record_disconnected(parts.database, claim.account.id, parts.clock())


def _judge(parts: SyncParts, claim: Claim, error: LateSyncError) -> Verdict:
    verdict = who_acts_next(
        error,
        now=parts.clock(),
        failures=claim.account.failures + 1,
        spread=parts.spread(),
        new_sign_in_helps=isinstance(error, ClientRejected) and _new_sign_in_helps(parts, claim, error),
    )
    log.warning(
        "run stopped account=%d problem=%s next=%s",
        claim.account.id,
        verdict.problem.value,
        verdict.who.value,
    )
    if verdict.problem in (Problem.SITE_UNAVAILABLE, Problem.SCHEMA_NOT_UNDERSTOOD):
        parts.site.doubt()
    if isinstance(error, ClientRejected):
        log.warning("client rejected client=%d reason=%s", claim.client.id, error.reason)
        if verdict.who is Who.OPERATOR:
            clients.record_client_problem(
                parts.database, claim.client.id, verdict.problem.value, parts.clock()
            )
    return verdict


def _new_sign_in_helps(parts: SyncParts, claim: Claim, error: ClientRejected) -> bool:
    """Whether the client is out of use, or refused to this account while it works for others.

    The second only for `unauthorized_client`: a token that belongs to no grant any more (google-calendar.md
    §6). An account keeps its token together with the client it was given to, so replacing the client never
    mixes the two up.
    """
    if not clients.is_current_client(parts.database, claim.client.id):
        return True
    if error.reason != "unauthorized_client" or claim.account.problem != Problem.CLIENT_UNAUTHORIZED:
        return False
    others = clients.others_good_at(parts.database, claim.client.id, claim.account.id)
    return client_works_for_others(claim.account.problem_since, others)


def _has_lost_consent(result: RunResult) -> bool:
    return any(verdict.problem is Problem.SIGN_IN_AGAIN for verdict in result.verdicts)


def _remember(
    parts: SyncParts, claim: Claim, result: RunResult, started: datetime, outbound_was_due: bool
) -> None:
    now = parts.clock()
    if claim.client.sealed.problem and not result.verdicts:
        clients.record_client_works(
            parts.database, claim.client.id, claim.account.id, CLIENT_PROBLEMS_OF_RUNS
        )
    if result.counts.busy_added or result.counts.busy_removed:
        added, removed = result.counts.busy_added, result.counts.busy_removed
        note_busy_time(parts, claim.account, added=added, removed=removed)
    if result.counts.changed_anything or (result.verdicts and claim.account.problem != result.outcome):
        runs.record_run(
            parts.database,
            site_id=parts.site_id,
            account_id=claim.account.id,
            started_at=started,
            ended_at=now,
            outcome=result.outcome,
            events_created=result.counts.events_created,
            events_updated=result.counts.events_updated,
            events_deleted=result.counts.events_deleted,
            busy_added=result.counts.busy_added,
            busy_removed=result.counts.busy_removed,
            operations_held=result.counts.operations_held,
            bookings_moved=result.counts.bookings_moved,
            bookings_cancelled=result.counts.bookings_cancelled,
            run=parts.run,
        )
        log.info(
            "run finished account=%d created=%d updated=%d deleted=%d busy_added=%d busy_removed=%d held=%d "
            "moved=%d cancelled=%d",
            claim.account.id,
            result.counts.events_created,
            result.counts.events_updated,
            result.counts.events_deleted,
            result.counts.busy_added,
            result.counts.busy_removed,
            result.counts.operations_held,
            result.counts.bookings_moved,
            result.counts.bookings_cancelled,
        )


def _give_back(
    parts: SyncParts,
    claim: Claim,
    owner: str,
    result: RunResult,
    outbound_was_due: bool,
    calendars_polled: int,
) -> None:
    now = parts.clock()
    if _has_lost_consent(result):
        accounts.record_needs_sign_in(
            parts.database,
            claim.account.id,
            Problem.SIGN_IN_AGAIN.value,
            now,
            consented_at=claim.account.consented_at,
        )
    failures, problem, failing = _trouble_after(claim, result, outbound_was_due)
    result.is_news = problem != claim.account.problem or result.counts.answered_wishes
    leases.release(
        parts.database,
        owner,
        claim.account.id,
        now,
        outbound_due_at=_next_outbound(claim, result, outbound_was_due, now),
        inbound_due_at=_next_inbound(parts, claim, result, calendars_polled, now),
        failures=failures,
        problem=problem,
        failing=failing,
        outbound_good=outbound_was_due and result.outbound is None and result.is_finished,
        inbound_good=claim.inbound_due and result.inbound is None,
    )


def _trouble_after(
    claim: Claim, result: RunResult, outbound_was_due: bool
) -> tuple[int, str | None, str | None]:
    """(failures in a row, problem, direction): trouble of a direction that was not due now goes on."""
    if result.verdicts:
        return claim.account.failures + 1, result.outcome, "outbound" if result.outbound else "inbound"
    was_tried = {"outbound": outbound_was_due, "inbound": claim.inbound_due}
    if claim.account.problem and not was_tried.get(claim.account.failing or "", True):
        return claim.account.failures, claim.account.problem, claim.account.failing
    return 0, None, None


def _next_outbound(claim: Claim, result: RunResult, was_due: bool, now: datetime) -> datetime | None:
    if not was_due:
        return claim.account.outbound_due_at
    if result.outbound is not None:
        return result.outbound.retry_at or now
    return result.look_again_at if result.is_finished else now + FIRST_PAUSE


def _next_inbound(
    parts: SyncParts, claim: Claim, result: RunResult, calendars_polled: int, now: datetime
) -> datetime | None:
    throttled_until = _throttled_until(result)
    if not claim.inbound_due:
        due_at = claim.account.inbound_due_at
        return max(due_at, throttled_until) if due_at and throttled_until else due_at
    if result.inbound is not None and result.inbound.retry_at is not None:
        return result.inbound.retry_at
    looks_again = now + poll_interval(calendars_polled, parts.spread(), claim.account.provider)
    return max(looks_again, throttled_until) if throttled_until else looks_again


def _throttled_until(result: RunResult) -> datetime | None:
    """Until when the account is not to be asked anything, in either direction: who asks sooner waits longer
    (microsoft-graph.md L3)."""
    is_throttled = result.outbound is not None and result.outbound.problem is Problem.RATE_LIMITED
    return result.outbound.retry_at if is_throttled and result.outbound is not None else None
