"""What `doctor` asks about e-mail: can LateSync write any, and does what it wrote go out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from latesync import messages
from latesync.checks.findings import FINE, NOTE, WRONG, Finding
from latesync.errors import MailError
from latesync.sentences import consent_sentences
from latesync.sentences.error_sentences import sentence_for
from latesync.sentences.mail_sentences import mail_server_origin
from latesync.services import Services
from latesync.store.outbox import count_waiting, oldest_waiting

_MAIL, _OUTBOX = "e-mail", "outbox"
LATE = timedelta(hours=1)  # longer than the longest pause after one failure


def check_mail(services: Services) -> Iterable[Finding]:
    """Connects and signs in, and sends nothing. Without a mail server: a note, for it may be meant so."""
    mailer = services.mailer
    if mailer is None:
        yield Finding(_MAIL, NOTE, consent_sentences.cannot_mail("not_configured"))
        return
    origin = mail_server_origin(is_from_environment=services.config.smtp_url is not None)
    try:
        mailer.check()
    except MailError as exc:
        yield Finding(_MAIL, WRONG, sentence_for(exc), origin)
        return
    yield Finding(_MAIL, FINE, f"the mail server takes mails from {mailer.sender}. {origin}")


def check_outbox(services: Services) -> Iterable[Finding]:
    waiting = count_waiting(services.database, services.site_id)
    oldest, now = oldest_waiting(services.database, services.site_id), services.clock()
    if not waiting or oldest is None:
        yield Finding(_OUTBOX, FINE, "no mail waits")
        return
    how_many = messages.counted(waiting, "mail waits", "mails wait")
    said = f"{how_many}, the oldest made {messages.age(oldest.created_at, now)}"
    if oldest.problem and now - oldest.created_at > LATE:
        yield Finding(
            _OUTBOX, WRONG, f"{said} ({oldest.problem})", "`latesync mail check` says what is wrong."
        )
    else:
        yield Finding(
            _OUTBOX, NOTE, said, "They go out between the waking hours (page Settings); the worker must run."
        )
