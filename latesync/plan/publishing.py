"""How a client's app is published at Google, judged by what became of its consents. Pure.

No API tells it (google-calendar.md T6). What is seen: a lifetime of seven days named at sign-in is Testing
(T4); so is a consent without a named end that was refused after seven days (L4, L11). One that outlives them,
or that has no named end where earlier ones had one, is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from latesync.options import Publishing
from latesync.past_consent import PastConsent
from latesync.plan.consent import WEEK

PUBLISHES = frozenset({"google"})  # whose apps are in Testing or in production (microsoft-graph.md T5)
TOLD_TOLERANCE = timedelta(hours=1)  # Google says 604799 seconds (T4), counted from its own clock
# A death at day 7 is noticed when the access token is next renewed, or after a downtime of hours.
EARLIEST_DEATH, LATEST_DEATH = timedelta(days=6.5), timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Judgement:
    """said: by the owner. seen: TESTING, PRODUCTION (long-lived; Internal looks the same), None: nothing yet.

    code: for consent_sentences.judgement_words. renew_once: agents whose sign-in was made while testing and
    will still end, although the app has left Testing (google-calendar.md L5, users-ask.md U2).
    """

    said: Publishing | None
    seen: Publishing | None
    code: str
    renew_once: tuple[int, ...] = ()

    @property
    def is_testing(self) -> bool:
        """What reminders go by: what is seen, else what was said."""
        return (self.seen or self.said) is Publishing.TESTING


def judge(said: Publishing | None, history: Sequence[PastConsent], now: datetime) -> Judgement:
    """Of one client. history: all its consents, in any order; where they disagree, the newest counts."""
    evidence = list(_evidence(history, now))
    seen = evidence[-1][1] if evidence else None
    testing_until = max((at for at, state in evidence if state is Publishing.TESTING), default=None)
    has_left = seen is Publishing.PRODUCTION or (said is not None and said is not Publishing.TESTING)
    renew = {
        consent.agent_id
        for consent in history
        if has_left and testing_until is not None and _will_end(consent, testing_until, now)
    }
    return Judgement(said, seen, _code(said, seen, bool(renew)), tuple(sorted(renew)))


def infer_end(consented_at: datetime, told_ends_at: datetime | None, judgement: Judgement) -> datetime | None:
    """When a consent ends: as the provider said, else after seven days where the app is in Testing."""
    if told_ends_at is not None:
        return told_ends_at
    return consented_at + WEEK if judgement.is_testing else None


def _code(said: Publishing | None, seen: Publishing | None, must_renew: bool) -> str:
    if seen is None:
        return "unknown" if said is None else {Publishing.TESTING: "testing"}.get(said, "said_published")
    if seen is Publishing.TESTING:
        match said:
            case None:
                return "testing_not_said"
            case Publishing.TESTING:
                return "testing"
        return "said_published_but_testing"
    if must_renew:
        return "published_midway"
    return "said_testing_but_lasts" if said is Publishing.TESTING else "long_lived"


def _evidence(history: Sequence[PastConsent], now: datetime) -> Iterator[tuple[datetime, Publishing]]:
    """(when the consent was given, what it tells of that time), oldest first."""
    ends_were_told = False
    for consent in sorted(history, key=lambda consent: (consent.consented_at, consent.account_id)):
        if _was_told_a_week(consent):
            ends_were_told = True
            yield consent.consented_at, Publishing.TESTING
        elif consent.told_ends_at is None:  # a time-limited grant (T3) tells nothing
            if _died_at_day_seven(consent):
                yield consent.consented_at, Publishing.TESTING
            elif ends_were_told or _outlived_the_week(consent, now):
                yield consent.consented_at, Publishing.PRODUCTION


def _was_told_a_week(consent: PastConsent) -> bool:
    told = consent.told_ends_at
    return told is not None and abs(told - consent.consented_at - WEEK) <= TOLD_TOLERANCE


def _died_at_day_seven(consent: PastConsent) -> bool:
    if consent.ended_by != "refused" or consent.ended_at is None:
        return False
    return EARLIEST_DEATH <= consent.ended_at - consent.consented_at <= LATEST_DEATH


def _outlived_the_week(consent: PastConsent, now: datetime) -> bool:
    """A refused one may have been dead for long before somebody looked."""
    return consent.ended_by != "refused" and (consent.ended_at or now) - consent.consented_at > LATEST_DEATH


def _will_end(consent: PastConsent, testing_until: datetime, now: datetime) -> bool:
    """Whether this sign-in, still held, has the seven days of Testing on it."""
    if not consent.is_current or consent.ended_at is not None:
        return False
    if consent.told_ends_at is not None:
        return _was_told_a_week(consent) and consent.told_ends_at > now
    return consent.consented_at <= testing_until and now < consent.consented_at + WEEK
