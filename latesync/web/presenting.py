"""How values look on a page: the templates' filters."""

from __future__ import annotations

import re
from datetime import datetime

from flask import Flask
from markupsafe import Markup, escape

from latesync import messages
from latesync.account_overview import AccountOverview, AgentOverview, attention
from latesync.model import AccountState
from latesync.sentences import consent_sentences, drift_sentences, health_sentences, problem_sentences
from latesync.store.runs import RunRow
from latesync.web.context import now, zone

_STATE_WORDS = {
    AccountState.CONNECTED.value: "Connected",
    AccountState.NEEDS_SIGN_IN.value: "Signed out",
    AccountState.DISCONNECTED.value: "Disconnected",
}

_COMMAND = re.compile(r"`([^`]+)`")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w|\s|$)")


def add_filters(app: Flask) -> None:
    app.jinja_env.filters |= {
        "moment": moment,
        "age": age,
        "counted": messages.counted,
        "client_problem": problem_sentences.client_problem,
        "state_word": state_word,
        "tone": tone,
        "consent_words": consent_words,
        "attention_words": attention_words,
        "waiting_words": waiting_words,
        "result_words": result_words,
        "result_details": result_details,
        "events_words": events_words,
        "busy_words": busy_words,
        "with_commands": with_commands,
        "pause_words": pause_words,
    }
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def moment(instant: datetime) -> str:
    return messages.moment(instant, zone())


def age(instant: datetime | None) -> str:
    return "not yet" if instant is None else messages.age(instant, now())


def state_word(agent: AccountOverview) -> str:
    if agent.paused_since is not None and agent.is_connected:
        return "Paused"
    if agent.is_connected and agent.problem:
        return "In trouble" if agent.needs_person else "Waiting"
    if agent.is_connected and agent.has_new_client:
        return "Sign in again"
    return _STATE_WORDS.get(agent.state, "Not connected")


def tone(agent: AccountOverview) -> str:
    """The colour of an agent's state: "good", "wait", "bad", or none."""
    if agent.paused_since is not None and agent.is_connected:
        return ""
    if agent.state == AccountState.NEEDS_SIGN_IN:
        return "bad"
    if not agent.is_connected:
        return ""
    is_ending = messages.is_ending_soon(agent.consent_ends_at, now())
    if agent.problem or is_ending or agent.has_new_client:
        return "wait"
    return "good"


def pause_words(agent: AccountOverview, own: bool = False) -> str:
    """Since when an agent rests. own: for the agent. "" for who does not."""
    if agent.paused_since is None:
        return ""
    if own:
        return health_sentences.own_pause(agent.paused_since, zone())
    return health_sentences.agent_paused(agent.name, agent.paused_since, zone())


def consent_words(agent: AccountOverview) -> str:
    if agent.state == AccountState.NEEDS_SIGN_IN or agent.has_lost_sign_in:
        return "must sign in again"
    ends_at, is_inferred = agent.consent_ends_at, agent.consent_end_is_inferred
    return consent_sentences.consent_end(ends_at, now(), zone(), is_inferred=is_inferred)


def attention_words(agent: AgentOverview) -> list[str]:
    """Of all their accounts."""
    return [text for account in agent.accounts for text in attention(account)]


def waiting_words(agent: AccountOverview) -> str:
    if agent.waiting is None:
        return "not known now"
    return messages.counted(agent.waiting, "booking") if agent.waiting else "nothing"


def result_words(run: RunRow, provider: str) -> str:
    is_partly = run.outcome == "fine" and run.operations_held
    return "partly done" if is_partly else problem_sentences.outcome(run.outcome, provider)


def result_details(run: RunRow) -> list[str]:
    """What became of bookings, and what was not done."""
    details = []
    followed = drift_sentences.bookings_followed(run.bookings_moved, run.bookings_cancelled)
    if followed:
        details.append(followed)
    if run.operations_held:
        changes = messages.counted(run.operations_held, "change")
        details.append(f"{changes} not made: unusually many at once")
    return details


def events_words(run: RunRow) -> str:
    parts = ((run.events_created, "new"), (run.events_updated, "changed"), (run.events_deleted, "removed"))
    return ", ".join(f"{number} {word}" for number, word in parts if number) or "–"


def busy_words(run: RunRow) -> str:
    parts = ((run.busy_added, "new"), (run.busy_removed, "removed"))
    return ", ".join(f"{number} {word}" for number, word in parts if number) or "–"


def with_commands(text: str) -> Markup:
    """What stands between backticks, as the command line shows it, is code; else apostrophes are curved."""
    shown = "`".join(
        part if number % 2 else _APOSTROPHE.sub("’", part) for number, part in enumerate(text.split("`"))
    )
    return Markup(_COMMAND.sub(r"<code>\1</code>", str(escape(shown))))  # noqa: S704 - escaped right here
