"""The loop: looks at the site, works off due accounts, tidies up; one process, many threads."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import schedule

from latesync.errors import LateSyncError, SiteError, StateUnavailable
from latesync.mailing.sending import Mailing
from latesync.sentences.provider_words import PROVIDERS
from latesync.services import Services
from latesync.store import (
    accounts,
    alarms,
    client_uploads,
    comparisons,
    consents,
    delays,
    fingerprints,
    history,
    leases,
    nonces,
    old_clients,
    outbox,
    quota,
    refusals,
    runs,
    sealed,
    sign_ins,
)
from latesync.sync.bell import Bell
from latesync.sync.closing import FormCloser
from latesync.sync.crew import Crew
from latesync.sync.hints import HintTaker
from latesync.sync.identity import IdentityWatch, Standing
from latesync.sync.off_periods import OffPeriodKeeper
from latesync.sync.probe import SiteProbe
from latesync.sync.run import RunResult
from latesync.sync.subscriptions import SubscriptionKeeper
from latesync.sync.table_watch import TableWatch
from latesync.sync.tell_site import SiteTeller
from latesync.traces import origin_of

log = logging.getLogger(__name__)

# One indexed read; a hint from the site or a page is acted on at once (design.md §7).
DUE_EVERY_S = 0.2
TOUCH_EVERY_MINUTES = 4  # the site is told at least every five that we live
SUBSCRIPTIONS_EVERY_S = 20.0
OFF_PERIODS_EVERY_S = 5.0
CLOSER_EVERY_S = 30  # how soon after its hours are over an unreadable calendar closes the form
MAILS_EVERY_S = 5.0
# A deaf mail server holds up no shutdown; a mail cut off here is sent again under the same Message-ID.
MAIL_MAY_TAKE_S = 5.0
WAITING_S = 0.5  # between two looks whether there is a booking site by now
MOVED_EVERY_S = 3  # how soon the worker follows when the set-up page connects another booking site
# Less is a clock being kept right; a poll is late by no more than that.
CLOCK_STEP = timedelta(seconds=30)
# A job is due every few seconds, unless its clock went back: `schedule` goes by local time.
IDLE_AT_MOST_S = 60.0
KEEP_RUNS = timedelta(days=90)
KEEP_REFUSALS = timedelta(days=90)
KEEP_SIGN_INS = timedelta(days=1)  # one under way, and who opens its return a second time is told so
KEEP_QUOTA_USE = timedelta(days=31)
KEEP_COMPARISONS = timedelta(days=90)
KEEP_MAILS = timedelta(days=400)
KEEP_DELAYS = timedelta(hours=48)  # the promise is that of the last 24
KEEP_ALARMS = timedelta(days=400)
KEEP_HISTORY = timedelta(days=400)  # who asks what became of last year's booking gets an answer
# What may still live at Google is half a year old at most (google-calendar.md L2).
KEEP_CONSENTS = timedelta(days=400)
KEEP_NONCES = timedelta(minutes=30)  # a message older than ten is refused for its age


class Worker:
    """Runs until told to stop; several started by mistake share the work and do no harm."""

    def __init__(self, services: Services) -> None:
        self._services, self._address = services, services.site_address()
        self.parts = services.sync_parts()
        self.parts.site.failure_age = timedelta(0)  # a run that is due asks for itself
        self.teller = SiteTeller(self.parts)
        self.crew = Crew(
            self.parts,
            owner=f"{os.getpid()}-{secrets.token_hex(6)}",
            on_result=self._ended,
            calendars_polled=lambda: self._polled,
        )
        self.probe = SiteProbe(self.parts)
        self.hints = HintTaker(self.parts, self.probe)
        self.keeper = OffPeriodKeeper(self.parts)
        self.closer = FormCloser(self.parts)
        self.tables = TableWatch(self.parts)
        self.identity = IdentityWatch(self.parts)
        self.subscriber = SubscriptionKeeper(self.parts, services.notify_urls())
        self._stopping = Bell()
        self.mailing = Mailing(services, self.crew.owner, is_stopping=self._stopping.is_set)
        self._news = Bell()  # something became due just now
        self._polled = 1
        self._clock_seen = self.parts.clock()
        self._jobs = schedule.Scheduler()

    def run(self) -> None:
        """Work until `stop`; then let every run finish the operation it is at."""
        watcher = threading.Thread(target=self._watch_site, name="site", daemon=True)
        watcher.start()
        keeper = threading.Thread(target=self._keep_off_periods, name="off periods", daemon=True)
        keeper.start()
        mails = threading.Thread(target=self._write_mails, name="mail", daemon=True)
        mails.start()
        subscriber = threading.Thread(target=self._keep_subscriptions, name="subscriptions", daemon=True)
        subscriber.start()
        self._jobs.every(5).seconds.do(self._if_ours, self.teller.take_back)
        self._jobs.every(MOVED_EVERY_S).seconds.do(self._guarded, self._look_whether_moved)
        self._jobs.every(1).minutes.do(self._guarded, self._count_calendars)
        self._jobs.every(10).seconds.do(self._guarded, self._wake_readable)
        self._jobs.every(10).seconds.do(self._if_ours, self._look_for_tables)
        self._jobs.every(1).minutes.do(self._guarded, self._services.calendars.record_quota_use)
        self._jobs.every(CLOSER_EVERY_S).seconds.do(self._if_ours, self.closer.look)
        self._jobs.every(TOUCH_EVERY_MINUTES).minutes.do(self._if_ours, self.teller.touch)
        self._jobs.every(1).hours.do(self._guarded, self._tidy)
        self._jobs.every(1).hours.do(self._if_ours, self.teller.tell_all_again)
        self._guarded(self._count_calendars)
        self._guarded(self._wake_readable)
        log.info("worker started owner=%s", self.crew.owner)
        while not self._stopping.is_set():
            self._guarded(self._follow_clock)
            self._jobs.run_pending()
            self._if_ours(self._take_due)
            self._news.wait(DUE_EVERY_S)
            self._news.clear()
        self.crew.stop()
        self._guarded(self._services.calendars.record_quota_use)
        watcher.join(timeout=30)
        keeper.join(timeout=30)
        subscriber.join(timeout=30)
        mails.join(timeout=MAIL_MAY_TAKE_S)
        log.info("worker stopped owner=%s", self.crew.owner)

    def stop(self) -> None:
        self._stopping.set()
        self.subscriber.stop()
        self.crew.brake.stopping.set()

    def _follow_clock(self) -> None:
        """What is due by a clock that was set back since would wait until the old time has come again."""
        if (self._jobs.idle_seconds or 0.0) > IDLE_AT_MOST_S:
            self._jobs.run_all()
        before, self._clock_seen = self._clock_seen, self.parts.clock()
        if before - self._clock_seen > CLOCK_STEP:
            log.warning("clock set back seconds=%d", (before - self._clock_seen).total_seconds())
            fingerprints.pull_forward(
                self.parts.database,
                self.parts.site_id,
                None,
                self._clock_seen,
                outbound=True,
                inbound=True,
            )

    def _watch_site(self) -> None:
        while not self._stopping.is_set():
            self._guarded(self._look_whose_site)
            self._if_ours(self._take_hints)
            self._if_ours(self.probe.look)
            self._stopping.wait(DUE_EVERY_S)

    def _look_whose_site(self) -> None:
        """Before anything else, and then every few seconds. Who finds that the site is another's ends this
        worker in good order; the next one begins with the same look, and waits."""
        was_ours = self.identity.may_work
        try:
            standing = self.identity.look()
        except SiteError as exc:
            if self.identity.standing is Standing.UNKNOWN:
                self.probe.failed(exc)
                self.identity.put_off(self.probe.due["bookings"])
            return
        if standing is Standing.GIVEN_UP or (was_ours and standing is not Standing.OURS):
            self.stop()
        elif standing is Standing.OURS and not was_ours:
            self._guarded(self.teller.touch)
            self._news.set()

    def _keep_off_periods(self) -> None:
        """Beside the other jobs: after a change of the site's zone every row is written anew."""
        while not self._stopping.is_set():
            self._if_ours(self.keeper.keep)
            self._stopping.wait(OFF_PERIODS_EVERY_S)

    def _keep_subscriptions(self) -> None:
        """Beside the other jobs: a provider that is slow to answer holds up nothing else.

        It waits before it looks: whoever is asked asks back at once, and the pages may just be starting.
        """
        while not self._stopping.wait(SUBSCRIPTIONS_EVERY_S):
            self._if_ours(self.subscriber.keep)

    def _write_mails(self) -> None:
        """Beside the other jobs: a mail server that is slow to answer holds up nothing else.

        It waits before it looks: what was due before the start is being written, and need not be told of.
        """
        while not self._stopping.wait(MAILS_EVERY_S):
            self._guarded(self._plan_mails)
            self._guarded(self._send_mails)

    def _plan_mails(self) -> None:
        """While it is not known whose site this is, nobody is written to but who can answer."""
        self.mailing.plan_mails(self.parts.clock(), admins_only=not self.identity.may_work)

    def _send_mails(self) -> None:
        self.mailing.send_due(self.parts.clock(), admins_only=not self.identity.may_work)

    def _take_hints(self) -> None:
        if self.hints.take():
            self._news.set()

    def _take_due(self) -> None:
        while leases.next_due(self.parts.database, self.parts.clock()) and self.crew.take_due():
            pass

    def _ended(self, result: RunResult) -> None:
        if result.is_news or not self.teller.has_told(result.agent_id):
            self._guarded(lambda: self.teller.tell(result.agent_id))

    def _count_calendars(self) -> None:
        self._polled = max(1, accounts.count_polled_calendars(self.parts.database, self.parts.site_id))

    def _wake_readable(self) -> None:
        """The operator has put a lost key back: nobody has to wait for the next try."""
        database, now = self.parts.database, self.parts.clock()
        if sealed.wake_readable(database, self._services.box, self.parts.site_id, now):
            self._news.set()

    def _look_for_tables(self) -> None:
        if self.tables.look():
            self._news.set()

    def _look_whether_moved(self) -> None:
        """Another booking site was connected; or this one waits for an answer, or began anew as a copy."""
        stopped_for = self._services.follow_site()
        if self._services.site_address() != self._address:
            log.info("booking site moved owner=%s", self.crew.owner)
            self.stop()
        elif self._services.site_id != self.parts.site_id or (stopped_for and self.identity.may_work):
            log.info("worker begins anew owner=%s stopped_for=%s", self.crew.owner, stopped_for)
            self.stop()

    def _tidy(self) -> None:
        now = self.parts.clock()
        runs.prune_runs(self.parts.database, now - KEEP_RUNS)
        refusals.prune_refusals(self.parts.database, now - KEEP_REFUSALS)
        sign_ins.prune_sign_ins(self.parts.database, now - KEEP_SIGN_INS)
        client_uploads.prune_uploads(self.parts.database, now)
        quota.prune_quota_use(self.parts.database, now - KEEP_QUOTA_USE)
        for provider in PROVIDERS:
            old_clients.forget_unused_clients(
                self.parts.database, self._services.box, self.parts.site_id, provider, now
            )
        consents.prune_consents(self.parts.database, now - KEEP_CONSENTS)
        outbox.prune_mails(self.parts.database, now - KEEP_MAILS)
        history.prune_history(self.parts.database, now - KEEP_HISTORY)
        delays.prune_delays(self.parts.database, now - KEEP_DELAYS)
        alarms.prune_alarms(self.parts.database, now - KEEP_ALARMS)
        comparisons.prune_comparisons(self.parts.database, now - KEEP_COMPARISONS)
        nonces.prune_nonces(self.parts.database, now - KEEP_NONCES)

    def _if_ours(self, job: Callable[[], None]) -> None:
        """Nothing is touched before the site is known to be the one this state is for."""
        if self.identity.may_work:
            self._guarded(job)

    def _guarded(self, job: Callable[[], None]) -> None:
        """Nothing a job meets ends the loop; it is reported and the job comes again."""
        try:
            job()
        except LateSyncError as exc:
            log.warning("job stopped job=%s error=%s", job.__name__, type(exc).__name__)
        except Exception as exc:  # noqa: BLE001 - the worker loop alone catches everything (style.md §7)
            log.error('job broke job=%s error="%s"', job.__name__, origin_of(exc))


class Shifts:
    """A worker for the booking site there is, and a fresh one when the set-up page connects another, when
    the site begins anew as a copy, or has to wait for an answer.

    Before any is connected it waits: the owner may be at the set-up page, and need not restart anything.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._is_ended = False
        self._worker: Worker | None = None

    def run(self) -> None:
        """Raises WrongInput where the address is unusable."""
        is_told = False
        while not self._is_ended:
            if self._services.site_address() is None:
                if not is_told:
                    log.warning("worker waits reason=no_booking_site")
                is_told = True
                time.sleep(WAITING_S)
                continue
            with suppress(StateUnavailable):  # the worker looks again
                self._services.follow_site()
            self._worker = Worker(self._services)
            if self._is_ended:
                self._worker.stop()
            self._worker.run()

    def stop(self) -> None:
        self._is_ended = True
        if self._worker is not None:
            self._worker.stop()


def run_worker(services: Services) -> None:
    """The `worker` process: SIGTERM and Ctrl-C end it in good order."""
    shifts = Shifts(services)
    call_once_on_signal(shifts.stop)
    shifts.run()


def call_once_on_signal(stop: Callable[[], None]) -> None:
    """Let the first SIGTERM or Ctrl-C call `stop`, and ignore those after it."""
    numbers = (signal.SIGTERM, signal.SIGINT)

    def ended(*_: object) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        stop()

    for number in numbers:
        signal.signal(number, ended)
