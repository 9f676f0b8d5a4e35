"""What several pages say of a reset, and leaving a calendar with or without our events in it."""

from __future__ import annotations

from flask import request

from latesync.consent.flow import disconnect
from latesync.errors import WrongInput
from latesync.model import AccountState
from latesync.options import NextSync, ResetEvents
from latesync.sentences import connect_sentences, reset_sentences
from latesync.store.accounts import AccountRow, active_accounts
from latesync.store.history import Who
from latesync.store.left_out import count_left_out, count_standing
from latesync.store.pauses import read_resting
from latesync.store.resets import ResetRow, ResetWish, ask_reset, last_reset
from latesync.web.context import now, services
from latesync.web.desk import desk


def leave(account: AccountRow, who: Who) -> bool:
    """Disconnect as the form says. False: our events are removed first, and it happens after that.

    Raises WrongInput: not confirmed, signed out, or another reset is open.
    """
    if request.form.get("events") != "remove":
        disconnect(desk(), account, who=who)
        return True
    wish = ResetWish(ResetEvents.DELETE_FROM_CALENDAR, NextSync.ALL, then_disconnect=True)
    require_word(wish)
    if account.state is not AccountState.CONNECTED:
        raise WrongInput(reset_sentences.signed_out(account.provider))
    ask_reset(services().database, account.id, wish, who, now())
    return False


def leaving_choices(account: AccountRow) -> dict[str, object]:
    """What the page that asks shows of our events."""
    standing = count_standing(services().database, account.id)
    return {
        "standing": standing,
        "can_remove": account.state is AccountState.CONNECTED,
        "leave_events": reset_sentences.LEAVE_EVENTS,
        "remove_first": reset_sentences.remove_first(standing),
        "signed_out": reset_sentences.signed_out(account.provider),
        "word": reset_sentences.WORD,
    }


def what_follows_leaving(account: AccountRow, *, is_own: bool) -> list[str]:
    """What the page that asks says beforehand, a sentence each. is_own: the agent is asked, not the owner."""
    accounts = active_accounts(services().database, account.site_id, account.agent_id)
    rest = [other.provider for other in accounts if other.id != account.id]
    return connect_sentences.what_follows_leaving(
        account.provider, rest, was_written=account.is_written, is_own=is_own
    )


def reset_notes(account: AccountRow | None) -> list[str]:
    """For the pages about an account: a reset that is under way, and what stays out of the calendar."""
    if account is None:
        return []
    job = last_reset(services().database, account.id)
    notes = []
    if job is not None and job.is_open:
        stuck = what_is_stuck(account, job)
        notes.append(stuck or progress_of(job, account.provider))
        if job.wish.then_disconnect and account.state is AccountState.CONNECTED:
            notes.append(reset_sentences.LEAVING)
    left_out = left_out_words(account)
    return [*notes, left_out] if left_out else notes


def deletes(wish: ResetWish) -> bool:
    """Whether the word has to be typed for it."""
    return wish.events.deletes or wish.events is ResetEvents.DOUBLES


def require_word(wish: ResetWish) -> None:
    """Raises WrongInput."""
    if deletes(wish) and request.form.get("word", "").strip() != reset_sentences.WORD:
        raise WrongInput(reset_sentences.NOT_CONFIRMED)


def progress_of(job: ResetRow, provider: str) -> str:
    return reset_sentences.progress(job.wish.events, job.state, job.done, job.total, job.refused, provider)


def what_is_stuck(account: AccountRow, job: ResetRow | None) -> str:
    """What an open reset waits for, if a person has to act; else ""."""
    if job is None or not job.is_open:
        return ""
    if account.state is AccountState.CONNECTED:
        resting = read_resting(services().database, account.site_id)
        return reset_sentences.WAITS_FOR_RESUME if resting.includes(account.agent_id) else ""
    if job.wish.then_disconnect:
        return reset_sentences.stuck_leaving(
            count_standing(services().database, account.id), account.provider
        )
    return reset_sentences.waits_for_sign_in(account.provider)


def left_out_words(account: AccountRow) -> str:
    number = count_left_out(services().database, account.id)
    return reset_sentences.left_out(number) if number else ""
