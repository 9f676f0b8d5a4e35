"""What the mail server's refusals mean: smtplib's errors and answer codes to ours."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from latesync.errors import MailError, MailNotAccepted, MailUnavailable, RecipientRefused

_AUTHENTICATION_REQUIRED = 530  # RFC 4954, 6; also "must issue a STARTTLS command first" (RFC 3207, 4)


@contextmanager
def mail_errors() -> Iterator[None]:
    """Raises MailUnavailable, MailNotAccepted or RecipientRefused in place of smtplib's and the network's.

    Without their cause: it carries addresses and the server's own words, which have no place in a log.
    """
    try:
        yield
    except (smtplib.SMTPException, OSError, UnicodeError) as exc:
        raise _meaning(exc) from None


def _meaning(error: Exception) -> MailError:
    match error:
        case smtplib.SMTPRecipientsRefused():
            return _recipient_refused(error)
        case smtplib.SMTPSenderRefused():
            return _by_code(error.smtp_code, MailNotAccepted("sender"))
        case smtplib.SMTPAuthenticationError():
            return _by_code(error.smtp_code, MailNotAccepted("login"))
        case smtplib.SMTPResponseException():
            return _by_code(error.smtp_code, MailNotAccepted("refused"))
        case smtplib.SMTPServerDisconnected():  # smtplib's word for silence, too
            is_silence = isinstance(error.__context__, TimeoutError)
            return MailUnavailable("no_answer" if is_silence else "dropped")
        case smtplib.SMTPException():
            return MailNotAccepted("login")  # no way of signing in that both sides know
        case _:
            return _network(error)


def _network(error: Exception) -> MailError:
    match error:
        case ssl.SSLCertVerificationError():
            return MailNotAccepted("certificate")
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return MailUnavailable("dropped")
        case ssl.SSLError():
            return MailNotAccepted("no_tls")
        case socket.gaierror() | UnicodeError():
            return MailUnavailable("unknown_host")
        case ConnectionResetError() | BrokenPipeError():
            return MailUnavailable("dropped")
        case _:
            return MailUnavailable("no_answer")


def _by_code(code: int, lasting: MailError) -> MailError:
    """4xx: come back later (RFC 5321, 4.2.1)."""
    if 400 <= code < 500:
        return MailUnavailable("later")
    return MailNotAccepted("login_needed") if code == _AUTHENTICATION_REQUIRED else lasting


def _recipient_refused(error: smtplib.SMTPRecipientsRefused) -> MailError:
    code, words = next(iter(error.recipients.values()))
    text = words if isinstance(words, bytes) else str(words).encode()
    # 5.7.x is about us (relaying, policy), not about the address (RFC 3463, 3.8).
    about_us = text.lstrip().startswith(b"5.7.")
    return _by_code(code, MailNotAccepted("refused") if about_us else RecipientRefused("recipient"))
