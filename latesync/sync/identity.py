"""Makes sure that this LateSync works for the site it sees, and alone: nothing is touched before.

What is seen is judged in plan/identity.py; a person's answer stands in store/identity.py.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from latesync.bridge.addresses import is_same_site
from latesync.errors import BridgeTableMissing, SchemaNotUnderstood, WrongInput
from latesync.latepoint.turns import clear_bridge_tables, read_turn, write_turn
from latesync.model import Stop
from latesync.plan.identity import TURN_EVERY, HomeVerdict, TurnStep, Watch, judge_home, judge_turn
from latesync.store import comparisons, identity
from latesync.store.identity import IdentityRow
from latesync.store.off_periods import agents_with_off_periods
from latesync.sync.off_periods import remove_off_periods
from latesync.sync.parts import SyncParts

log = logging.getLogger(__name__)

WATCH_EVERY = timedelta(seconds=5)
STOPPED_EVERY = timedelta(seconds=3)  # how soon work goes on after a person's answer


class Standing(Enum):
    UNKNOWN = "unknown"  # not looked yet
    WATCHING = "watching"  # somebody else's turn stands on the site; whether they live shows within a minute
    OURS = "ours"
    STOPPED = "stopped"
    GIVEN_UP = "given_up"  # this identity became another one


_NEXT = {Standing.OURS: TURN_EVERY, Standing.WATCHING: WATCH_EVERY, Standing.STOPPED: STOPPED_EVERY}


def _new_turn() -> str:
    return secrets.token_hex(16)


@dataclass
class IdentityWatch:
    """One for the life of a worker, or of one `latesync sync`; not shared between threads."""

    parts: SyncParts
    new_turn: Callable[[], str] = _new_turn
    standing: Standing = Standing.UNKNOWN
    watch: Watch | None = None
    next_at: datetime | None = None
    looked_at: datetime | None = None

    @property
    def may_work(self) -> bool:
        return self.standing is Standing.OURS

    def look(self) -> Standing:
        """Look at home address and turn when that is due, and take ours.

        Raises SiteError: nothing is known anew, and what was known still holds. StateUnavailable.
        """
        now = self.parts.clock()
        is_set_back = self.looked_at is not None and now < self.looked_at
        if self.next_at is not None and now < self.next_at and not is_set_back:
            return self.standing
        standing = self._look(now)
        if standing is not self.standing:
            log.info("identity standing=%s", standing.value)
        self.standing, self.looked_at = standing, now
        self.next_at = now + _NEXT.get(standing, STOPPED_EVERY)
        return standing

    def put_off(self, until: datetime) -> None:
        """The site did not answer: it is asked again then."""
        self.next_at, self.looked_at = until, self.parts.clock()

    def _look(self, now: datetime) -> Standing:
        anew = self.standing is Standing.UNKNOWN
        if look_at_home(self.parts, anew=anew) is not None:
            self.watch = None
            return Standing.STOPPED
        # After the turn on the site: what stands there was in the state before.
        try:
            seen = read_turn(self.parts.site.engine, self.parts.site.prefix)
        except BridgeTableMissing:  # without the table there are no turns
            return Standing.OURS
        known = identity.read_identity(self.parts.database, self.parts.site_id)
        return Standing.GIVEN_UP if known is None else self._take_turn(known, seen, now)

    def _take_turn(self, known: IdentityRow, seen: str | None, now: datetime) -> Standing:
        step, self.watch = judge_turn(seen, known.turn, known.next_turn, self.watch, now)
        match step:
            case TurnStep.WATCH:
                return Standing.WATCHING
            case TurnStep.STOP:
                _stop(self.parts, Stop.OTHER_STATE, None)
                return Standing.STOPPED
            case TurnStep.FINISH:
                self._write(seen, known.next_turn or self.new_turn(), now)
            case TurnStep.TAKE | TurnStep.ADOPT:
                if step is TurnStep.ADOPT:
                    log.info("turn adopted reason=older_state")
                    comparisons.ask_all_for_comparison(self.parts.database, self.parts.site_id)
                coming = self.new_turn()
                database, site_id = self.parts.database, self.parts.site_id
                if identity.note_turn(database, site_id, known, last=seen, coming=coming):
                    self._write(seen, coming, now)
        return Standing.OURS

    def _write(self, seen: str | None, turn: str, now: datetime) -> None:
        """Whoever was faster is of our own state, or will be found at the next look."""
        with suppress(BridgeTableMissing):  # it may be read and not written: there are no turns
            write_turn(self.parts.site.engine, self.parts.site.prefix, seen, turn, now)


def look_at_home(parts: SyncParts, *, anew: bool = False) -> str | None:
    """Why the site is stopped, None where it is not; a home address that is another one stops it.

    anew: ask the site also where its settings are known. Raises SiteError, StateUnavailable.
    """
    known = identity.read_identity(parts.database, parts.site_id)
    if known is None:
        return None
    if known.stopped_for == Stop.OTHER_STATE:  # only a person knows
        return known.stopped_for
    seen = parts.site.facts(anew=anew).settings.home_url
    verdict = judge_home(known.home_url, seen, is_same_site)
    if known.stopped_for is not None:
        return _look_again(parts, known, seen, verdict)
    if verdict is HomeVerdict.OTHER:
        return _stop(parts, Stop.OTHER_HOME, seen)
    if verdict is HomeVerdict.NEW:
        identity.remember_home(parts.database, parts.site_id, seen)
    return None


def _look_again(parts: SyncParts, known: IdentityRow, seen: str, verdict: HomeVerdict) -> str | None:
    """While a person is asked about another address: it may be the old one again, or a third."""
    if verdict is HomeVerdict.SAME:
        if identity.end_stop(parts.database, parts.site_id, Stop.OTHER_HOME, parts.clock()):
            log.info("site goes on reason=home_is_back")
        return None
    if verdict is HomeVerdict.OTHER and seen != known.seen_home_url:
        identity.note_other_home(parts.database, parts.site_id, seen)
    return known.stopped_for


def _stop(parts: SyncParts, stop: Stop, seen_home_url: str | None) -> str:
    if identity.stop_site(parts.database, parts.site_id, stop, seen_home_url, parts.clock()):
        log.warning("site stopped reason=%s", stop.value)
    return stop.value


@dataclass(frozen=True, slots=True)
class Copied:
    """site_id: the new one. busy_removed: busy times that were copied along with the site."""

    site_id: str
    busy_removed: int = 0


def become_copy(parts: SyncParts, seen_home_url: str | None) -> Copied:
    """A person says that this is a copy: it begins as a site of its own, with nobody connected.

    What was copied along into the copy's own tables is taken out first, where the site has another home
    address than the original: then it is certainly not the original's database.
    seen_home_url: as the person read it; None where the address is not in question.
    Raises SiteError, WrongInput (the site has yet another address, or somebody answered already).
    """
    known = identity.read_identity(parts.database, parts.site_id)
    home_url = parts.site.facts(anew=True).settings.home_url
    if known is None or (seen_home_url is not None and not is_same_site(seen_home_url, home_url)):
        raise WrongInput("The question is another one by now. Look at it again; nothing was changed.")
    removed = 0
    if judge_home(known.home_url, home_url, is_same_site) is HomeVerdict.OTHER:
        removed = _clear_site(parts)
    new_id = identity.become_copy(parts.database, parts.site_id, home_url or None, parts.clock())
    if new_id is None:
        raise WrongInput("Somebody has answered already; nothing was changed.")
    log.warning("site became a copy busy_removed=%d", removed)
    return Copied(new_id, removed)


def _clear_site(parts: SyncParts) -> int:
    with suppress(SchemaNotUnderstood):  # the table is not there any more, nor are our rows in it
        for agent_id in sorted(agents_with_off_periods(parts.database, parts.site_id)):
            remove_off_periods(parts, agent_id)
    try:
        return clear_bridge_tables(parts.site.engine, parts.site.prefix)
    except BridgeTableMissing:
        return 0
