"""Checks everything LateSync stands on, each finding with its remedy. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial

from latesync.checks.comparison import check_comparison
from latesync.checks.consent import check_publishing, check_sign_ins, check_wear
from latesync.checks.findings import NOTE, WRONG, Finding, are_wrong, guarded
from latesync.checks.google import check_address, check_client, check_google, check_quota
from latesync.checks.identity import check_identity
from latesync.checks.mail import check_mail, check_outbox
from latesync.checks.microsoft import (
    check_app,
    check_microsoft,
    check_microsoft_address,
    check_secret_end,
    check_telling,
)
from latesync.checks.site import examine_site
from latesync.checks.state import OWN_TABLES, check_keys, check_secrets, check_state, check_worker
from latesync.services import Services
from latesync.store.clients import providers_set_up

# How long a page waits for all of it; what has not answered by then is said to be so.
PAGE_WAITS_S = 10.0

Check = Callable[[Services], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Group:
    """Findings that belong together."""

    title: str
    findings: tuple[Finding, ...]

    @property
    def needs_person(self) -> bool:
        return any(finding.needs_person for finding in self.findings)


_NOT_CHECKED = Finding(
    "further checks",
    NOTE,
    "plugin, busy time, client file, sign-ins, e-mail and worker are looked at once LateSync's own tables "
    "are ready",
)
# What hangs on LateSync's own tables, by the name a failed check is told under.
_LATESYNC: tuple[tuple[str, Check], ...] = (
    ("which site", check_identity),
    ("stored sign-ins", check_secrets),
    ("worker", check_worker),
    ("last full comparison", check_comparison),
)
_GOOGLE: tuple[tuple[str, Check], ...] = (("client file", check_client), ("quota", check_quota))
_MICROSOFT: tuple[tuple[str, Check], ...] = (
    ("callback address", check_microsoft_address),
    ("Microsoft app", check_app),
    ("app's secret", check_secret_end),
    ("Microsoft", check_microsoft),
    ("changes in Outlook", check_telling),
)
_SIGN_INS: tuple[tuple[str, Check], ...] = (
    ("publishing status", check_publishing),
    ("sign-ins", check_sign_ins),
    ("sign-ins", check_wear),
)
_MAIL: tuple[tuple[str, Check], ...] = (("e-mail", check_mail), ("outbox", check_outbox))


def examine(services: Services) -> list[Finding]:
    """Every check whose ground is there: some stand on LateSync's own tables, some on the site."""
    return [finding for group in examine_groups(services) for finding in group.findings]


def examine_groups(services: Services, within_s: float | None = None) -> list[Group]:
    """The same in groups, which ask side by side.

    within_s: how long to wait for them; None: as long as each one's own time limits let it. A group that has
    not answered by then consists of one finding that says so.
    """
    own = guarded(OWN_TABLES, lambda: check_state(services))
    has_tables = not are_wrong(own, OWN_TABLES)
    own += guarded("keys", lambda: check_keys(services))
    if has_tables:
        _ = services.site_id  # made once, before several ask for it
    set_up = providers_set_up(services.database, services.site_id) if has_tables else ()
    asked: dict[str, Callable[[], list[Finding]]] = {
        "LateSync": lambda: own + (_all(services, _LATESYNC) if has_tables else [_NOT_CHECKED]),
        "Booking site": lambda: examine_site(services, has_own_tables=has_tables),
        # Where neither is, Google's group says that one of the two is needed.
        "Google": lambda: (
            _google(services, has_tables=has_tables) if "google" in set_up or not set_up else []
        ),
        "Microsoft": lambda: _all(services, _MICROSOFT) if "microsoft" in set_up else [],
        "Sign-ins": lambda: _all(services, _SIGN_INS) if has_tables else [],
        "E-mail": lambda: _all(services, _MAIL) if has_tables else [],
    }
    return [Group(title, tuple(found)) for title, found in _side_by_side(asked, within_s) if found]


def _google(services: Services, *, has_tables: bool) -> list[Finding]:
    return (
        guarded("callback address", lambda: check_address(services))
        + (_all(services, _GOOGLE) if has_tables else [])
        + guarded("Google", lambda: check_google(services))
    )


def _all(services: Services, checks: Iterable[tuple[str, Check]]) -> list[Finding]:
    return [found for subject, check in checks for found in guarded(subject, partial(check, services))]


def _side_by_side(
    asked: dict[str, Callable[[], list[Finding]]], within_s: float | None
) -> list[tuple[str, list[Finding]]]:
    """A thread each. One that hangs is left behind; its own time limits end it soon."""
    pool = ThreadPoolExecutor(max_workers=len(asked), thread_name_prefix="check")
    try:
        futures = {title: pool.submit(ask) for title, ask in asked.items()}
        wait(futures.values(), timeout=within_s)
        return [(title, _answer(title, future)) for title, future in futures.items()]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _answer(title: str, future: Future[list[Finding]]) -> list[Finding]:
    if future.done():
        return future.result()
    return [
        Finding(
            title,
            WRONG,
            "did not answer in time",
            "Press “Check again” in a minute. If it stays like this, look at this machine's network.",
        )
    ]
