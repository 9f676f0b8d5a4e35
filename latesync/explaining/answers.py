"""The facts about one booking as people read them; the page and the command show the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from latesync import messages
from latesync.errors import SiteError, WrongInput
from latesync.explaining.bookings import BookingFacts, Standing
from latesync.latepoint.settings import read_agents
from latesync.messages import Message
from latesync.model import AccountState, Booking, UnreadableBooking
from latesync.plan.explain import Case
from latesync.sentences import drift_sentences, explain_sentences, history_sentences, problem_sentences
from latesync.sentences.explain_sentences import BookingWords
from latesync.sentences.provider_words import calendar_product
from latesync.services import Services
from latesync.store.history import HistoryRow
from latesync.times import Zone

# Where something is still to be done; in every other case nothing waits.
_OPEN = (Case.DUE, Case.HELD, Case.SET_ASIDE)


@dataclass(frozen=True, slots=True)
class PlaceAnswer:
    """How the booking stands in one agent's calendar, of one of their accounts.

    waits: what keeps LateSync from doing what is due.
    """

    agent_id: int
    agent_name: str
    case: Case
    answer: Message
    waits: tuple[str, ...] = ()
    next_try: str = ""
    operation: str = ""
    reason: str = ""
    has_event: bool = False
    may_retry: bool = False
    account_id: int | None = None
    provider: str = ""  # whose calendar it is; "": the agent has none

    @property
    def is_held(self) -> bool:
        return self.case is Case.HELD


@dataclass(frozen=True, slots=True)
class BookingAnswer:
    """which: the booking in words, by its code where the site shows one. site_problem: a sentence, or "".

    stopped: says that everything stands still until a person says which site this is; or "".
    """

    booking_id: int
    which: str
    is_known: bool
    places: tuple[PlaceAnswer, ...]
    history: tuple[HistoryRow, ...]
    zone: Zone
    now: datetime
    site_problem: str = ""
    stopped: str = ""

    @property
    def may_retry(self) -> bool:
        return any(place.may_retry for place in self.places)


def read_names(services: Services) -> dict[int, str]:
    """The agents' names by id, as the site has them; nobody's while it cannot be read."""
    try:
        agents = read_agents(services.site_engine, services.site.facts().schema)
    except (SiteError, WrongInput):
        return {}
    return {agent.id: agent.name for agent in agents}


def name_of(names: Mapping[int, str], agent_id: int) -> str:
    return names.get(agent_id, f"Agent {agent_id}")


def answer(facts: BookingFacts, names: Mapping[int, str], *, in_shell: bool = False) -> BookingAnswer:
    """in_shell: remedies are commands, not buttons."""
    places = [
        _place(facts, standing, name_of(names, standing.agent_id), in_shell=in_shell)
        for standing in facts.standings
    ]
    if not places and facts.site_problem is None:
        words = _words(facts, None, "", in_shell=in_shell)
        said = explain_sentences.booking_answer(words, facts.booking_id)
        places = [PlaceAnswer(0, "", Case.NO_SUCH_BOOKING, said)]
    return BookingAnswer(
        facts.booking_id,
        _which(facts),
        facts.is_known,
        tuple(places),
        facts.history,
        facts.zone,
        facts.now,
        explain_sentences.unread_site(facts.site_problem) if facts.site_problem else "",
        _stopped(facts, in_shell=in_shell),
    )


def _stopped(facts: BookingFacts, *, in_shell: bool) -> str:
    if facts.stopped_at is None:
        return ""
    since = messages.moment(facts.stopped_at, facts.zone)
    return explain_sentences.waits("site_stopped", "", since, agent_id=0 if in_shell else None, provider="")


def entry_text(row: HistoryRow, zone: Zone) -> str:
    return history_sentences.entry_text(row.what, row.why, row.result, row.detail, zone, row.provider)


def _which(facts: BookingFacts) -> str:
    found = facts.found
    if isinstance(found, Booking):
        return drift_sentences.booking_words(
            found.id, found.code, found.span.start, facts.zone, found.service_name
        )
    return f"Booking {facts.booking_id}"


def _place(facts: BookingFacts, standing: Standing, name: str, *, in_shell: bool) -> PlaceAnswer:
    operation = standing.judgement.operation
    is_open = standing.judgement.case in _OPEN
    may_wait = is_open or standing.has_event
    waits = tuple(_waits(facts, standing, name, in_shell=in_shell)) if may_wait else ()
    return PlaceAnswer(
        agent_id=standing.agent_id,
        agent_name=name,
        case=standing.judgement.case,
        answer=_said(facts, standing, name, in_shell=in_shell),
        waits=waits,
        next_try=_next_try(facts, standing) if standing.judgement.case is Case.DUE and not waits else "",
        operation=operation.name if operation else "",
        reason=operation.reason.value if operation else "",
        has_event=standing.has_event,
        may_retry=standing.may_retry,
        account_id=standing.account.id if standing.account else None,
        provider=standing.provider,
    )


def _said(facts: BookingFacts, standing: Standing, name: str, *, in_shell: bool) -> Message:
    """With the calendar's name in front where the agent uses two of them, or left something in another."""
    said = explain_sentences.booking_answer(
        _words(facts, standing, name, in_shell=in_shell), facts.booking_id
    )
    of_agent = [place for place in facts.standings if place.agent_id == standing.agent_id]
    is_alone = len(of_agent) < 2 and not standing.is_one_of_several
    if is_alone or standing.account is None:
        return said
    return replace(said, title=f"{calendar_product(standing.account.provider)}: {said.title}")


def _words(facts: BookingFacts, standing: Standing | None, name: str, *, in_shell: bool) -> BookingWords:
    found = facts.found
    if standing is None:
        return BookingWords(
            name, facts.zone, facts.now, Case.NO_SUCH_BOOKING, provider="", has_history=bool(facts.history)
        )
    operation, mapping, events = standing.judgement.operation, standing.mapping, standing.events
    why = found.why if isinstance(found, UnreadableBooking) else mapping.problem if mapping else ""
    return BookingWords(
        name,
        facts.zone,
        facts.now,
        standing.judgement.case,
        standing.provider,
        operation=operation.name if operation else "",
        reason=operation.reason.value if operation else "",
        status=found.status if isinstance(found, Booking) else "",
        wanted=events.statuses if events else (),
        problem=why,
        has_event=standing.has_event,
        drift=mapping.drift.value if mapping and mapping.drift else "",
        drift_span=mapping.drift_span if mapping else None,
        first_written_at=standing.first_written_at,
        last_written_at=standing.last_written_at,
        held_since=standing.held_since,
        leader=standing.judgement.leader,
        comes_at=_comes_at(facts, standing),
        account_state=standing.account.state.value if standing.account else "never",
        in_shell=in_shell,
        is_stopped=facts.stopped_at is not None,
        has_history=bool(facts.history),
    )


def _comes_at(facts: BookingFacts, standing: Standing) -> datetime | None:
    """When the window, which slides on with the days, reaches the booking."""
    if standing.events is None or not isinstance(facts.found, Booking):
        return None
    return facts.now + max(facts.found.span.start - standing.events.snapshot.window.end, timedelta(0))


def _next_try(facts: BookingFacts, standing: Standing) -> str:
    account = standing.account
    if account is None:
        return ""
    if account.lease_owner is not None and account.outbound_due_at is None:
        return explain_sentences.waits("working", "", "", provider=account.provider)
    return explain_sentences.next_try(account.outbound_due_at, account.failures, facts.zone, facts.now)


def _waits(facts: BookingFacts, standing: Standing, name: str, *, in_shell: bool) -> list[str]:
    """Everything that has to end before the account is worked at, the widest first."""
    account, rest, reset = standing.account, standing.rest, standing.reset
    found: list[tuple[str, datetime | None, str]] = []
    if rest.stopped_for:
        found.append(("site_stopped", rest.stopped_at, ""))
    if rest.all_paused_since:
        found.append(("all_paused", rest.all_paused_since, ""))
    if rest.paused_since:
        found.append(("paused", rest.paused_since, ""))
    if account is None or account.state is AccountState.DISCONNECTED:
        found += [("disconnected", None, "")] if standing.has_event else []
    elif account.state is AccountState.NEEDS_SIGN_IN:
        found.append(("signed_out", None, ""))
    elif account.problem and account.failing != "inbound":
        problem = problem_sentences.account_problem(account.problem, name=name, provider=account.provider)
        found.append(("problem", account.problem_since, f"{problem} {_next_try(facts, standing)}".strip()))
    if reset is not None:
        done = (
            f"{reset.done} of {messages.counted(reset.total, 'event')}"
            if reset.total
            else "it is about to begin"
        )
        found.append(("reset", reset.asked_at, done))
    if not found and standing.late_since is not None:
        late = messages.age(standing.late_since, facts.now)
        return [explain_sentences.waits("worker_silent", name, late, provider=standing.provider)]
    return [
        explain_sentences.waits(
            code,
            name,
            messages.moment(since, facts.zone) if since else "",
            detail,
            agent_id=standing.agent_id if in_shell else None,
            provider=standing.provider,
        )
        for code, since, detail in found
    ]
