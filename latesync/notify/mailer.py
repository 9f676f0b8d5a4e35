"""Hands mails to the mail server. smtplib's errors stop here."""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from threading import Timer

from latesync.errors import MailNotAccepted, MailUnavailable, RecipientRefused
from latesync.notify.address import SmtpAddress, ascii_domain, is_email, parse_mailbox
from latesync.notify.refusals import mail_errors

_TIMEOUT_S = 15.0  # for one answer
_WHOLE_S = 45.0  # for all of them: with the connecting before, well within the outbox's lease of 90 s


class Mailer:
    """A mail server and whom we are to it. Holds no connection; safe to use from several threads."""

    def __init__(
        self,
        address: SmtpAddress,
        sender: str,
        *,
        timeout_s: float = _TIMEOUT_S,
        whole_s: float = _WHOLE_S,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """sender: "bookings@salon.example", or with a name before it. context: another than the machine's.

        Raises WrongInput for a sender that is no address.
        """
        mailbox = parse_mailbox(sender)
        self.sender = sender
        self._address = address
        self._domain = ascii_domain(mailbox.domain)
        self._from = f"{mailbox.username}@{self._domain}"
        self._timeout_s = timeout_s
        self._whole_s = whole_s
        self._context = context

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Returns when the server has taken the mail over.

        Raises MailUnavailable, MailNotAccepted, RecipientRefused.
        """
        to = _on_the_wire(recipient)
        with self._session() as server:
            # The server has the mail when this returns; what goes wrong after it changes nothing.
            server.send_message(message, from_addr=self._from, to_addrs=[to])

    def check(self) -> None:
        """Connects, encrypts and signs in, and sends nothing.

        Raises MailUnavailable, MailNotAccepted.
        """
        with self._session() as server:
            code, _ = server.noop()
            if code != 250:
                raise MailUnavailable("later")

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        with mail_errors():
            server = self._connect()
            try:
                with _at_most(self._whole_s, server):
                    self._encrypt(server)
                    self._sign_in(server)
                    yield server
                    with suppress(OSError, smtplib.SMTPException):
                        server.quit()
            finally:
                server.close()

    def _connect(self) -> smtplib.SMTP:
        host, port = self._address.host, self._address.port
        if self._address.tls == "implicit":
            return smtplib.SMTP_SSL(
                host, port, self._own_name(), timeout=self._timeout_s, context=self._verifying()
            )
        return smtplib.SMTP(host, port, self._own_name(), timeout=self._timeout_s)

    def _encrypt(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        way, offered = self._address.tls, server.has_extn("starttls")
        if way == "starttls" and not offered:
            raise MailNotAccepted("no_tls")
        if way == "starttls" or (way == "auto" and offered):
            server.starttls(context=self._verifying())
            server.ehlo_or_helo_if_needed()

    def _sign_in(self, server: smtplib.SMTP) -> None:
        user, password = self._address.user, self._address.password
        if user is None or password is None:
            return
        is_encrypted = isinstance(server.sock, ssl.SSLSocket)
        if not is_encrypted and not self._address.is_own_machine:
            raise MailNotAccepted("clear_text_password")
        if not server.has_extn("auth"):
            raise MailNotAccepted("no_login")
        if (user + password).isascii():
            server.login(user, password)
        else:
            _sign_in_plainly(server, user, password)

    def _verifying(self) -> ssl.SSLContext:
        return self._context or ssl.create_default_context()

    def _own_name(self) -> str:
        """How we greet the server: by the sender's domain, which exists for it, and not by this machine's
        name, which may not."""
        return self._domain if "." in self._domain and self._domain[0] != "[" else "[127.0.0.1]"


def _on_the_wire(recipient: str) -> str:
    if not is_email(recipient):
        raise RecipientRefused("recipient")
    name, _, domain = recipient.rpartition("@")
    return f"{name}@{ascii_domain(domain)}"


def _sign_in_plainly(server: smtplib.SMTP, user: str, password: str) -> None:
    """smtplib signs in with ASCII only, and its error would carry the password. RFC 4616 says UTF-8."""
    if "PLAIN" not in server.esmtp_features["auth"].split():
        raise MailNotAccepted("login")
    words = base64.b64encode(f"\0{user}\0{password}".encode()).decode("ascii")
    code, answer = server.docmd("AUTH", f"PLAIN {words}")
    if code not in (235, 503):  # 503: signed in already
        raise smtplib.SMTPAuthenticationError(code, answer)


@contextmanager
def _at_most(seconds: float, server: smtplib.SMTP) -> Iterator[None]:
    """Hangs up after that time: a server that answers one letter at a time keeps within each time limit."""
    timer = Timer(seconds, _hang_up, [server])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _hang_up(server: smtplib.SMTP) -> None:
    held = server.sock
    if held is not None:
        with suppress(OSError):
            # Not SSLSocket's own, which would wait for the connection it is to cut.
            socket.socket.shutdown(held, socket.SHUT_RDWR)
