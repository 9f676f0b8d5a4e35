"""What `doctor` says about which booking site this is: the one LateSync works for, or perhaps a copy."""

from __future__ import annotations

from collections.abc import Iterable

from latesync.checks.findings import FINE, WRONG, Finding
from latesync.sentences import identity_sentences
from latesync.services import Services
from latesync.store.identity import read_identity

_SUBJECT = "which site"


def check_identity(services: Services) -> Iterable[Finding]:
    known = read_identity(services.database, services.site_id)
    if known is None or (known.home_url is None and known.stopped_for is None):
        return  # nobody has looked yet
    if known.stopped_for is None:
        yield Finding(_SUBJECT, FINE, f"LateSync works for {known.home_url}")
        return
    why = identity_sentences.stop_remedy(*known.question)
    yield Finding(_SUBJECT, WRONG, why, "`latesync site` asks; nothing is changed before that.")
