"""Real mail servers on loopback, of every kind a mailer meets: kind, strict, refusing, deaf, broken."""

from __future__ import annotations

import socket
import ssl
import threading
from asyncio import AbstractServer
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DROP = "drop"  # in place of an answer: the connection is cut


@dataclass(frozen=True)
class Received:
    """A mail as the server took it over. user: who had signed in; greeting: what the client called itself."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    user: str | None
    was_encrypted: bool
    greeting: str

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.content, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class MailServer:
    """answers: by command ("MAIL", "RCPT", "DATA", "NOOP"), in place of the usual one; may be changed."""

    port: int
    host: str = "127.0.0.1"
    received: list[Received] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    def url(self, tls: str = "", user: str = "", password: str = "") -> str:
        who = f"{user}:{password}@" if user else ""
        return f"smtp://{who}{self.host}:{self.port}" + (f"?tls={tls}" if tls else "")


@contextmanager
def mail_server(
    *, tls: str = "none", users: Mapping[str, str] | None = None, answers: Mapping[str, str] | None = None
) -> Iterator[MailServer]:
    """tls: "none", "starttls" (insisted on) or "implicit". users: who must sign in, with which password."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = MailServer(listening.getsockname()[1], answers=dict(answers or {}))
        controller = _Controller(_Handler(server), listening, **_strictness(tls, users))
        controller.start()
        try:
            yield server
        finally:
            controller.stop()


@contextmanager
def deaf_port() -> Iterator[MailServer]:
    """Takes connections and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield MailServer(listening.getsockname()[1])


@contextmanager
def closed_port() -> Iterator[MailServer]:
    """Nobody listens there, and nobody else can meanwhile."""
    with closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        yield MailServer(bound.getsockname()[1])


@contextmanager
def dripping_port() -> Iterator[MailServer]:
    """Greets, and answers with one letter at a time, without end."""
    over = threading.Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        thread = threading.Thread(target=_drip, args=(listening, over))
        thread.start()
        try:
            yield MailServer(listening.getsockname()[1])
        finally:
            over.set()
            thread.join()


def trusting_context() -> ssl.SSLContext:
    """For a mailer that is to believe in these servers' certificate."""
    return ssl.create_default_context(cadata=_certificates().authority)


def authority_pem() -> str:
    """The same belief for a process of its own: the content of a file that SSL_CERT_FILE names."""
    return _certificates().authority


class _Controller(Controller):
    """On a socket that is bound already, so that no port can be taken away in between."""

    def __init__(self, handler: _Handler, listening: socket.socket, **strictness: Any) -> None:
        port = listening.getsockname()[1]
        super().__init__(handler, hostname="127.0.0.1", port=port, ready_timeout=60.0, **strictness)
        self._listening = listening

    def _create_server(self) -> Coroutine[Any, Any, AbstractServer]:
        assert self.loop is not None
        return self.loop.create_server(self._factory_invoker, sock=self._listening, ssl=self.ssl_context)


class _Handler:
    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._answer("MAIL", server)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self._answer("RCPT", server)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_NOOP(self, server: Any, session: Any, envelope: Any, arg: str) -> str:
        return self._answer("NOOP", server)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self._answer("DATA", server)
        if answer.startswith("250"):
            login = session.auth_data.login.decode() if session.auth_data else None
            self._server.received.append(
                Received(
                    envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content, login,
                    session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None,
                    session.host_name,
                )
            )  # fmt: skip
        return answer

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self._answer("QUIT", server)
        return "221 Bye" if answer == "250 OK" else answer

    def _answer(self, command: str, server: Any) -> str:
        answer = self._server.answers.get(command, "250 OK")
        if answer == DROP:
            server.transport.abort()
        return answer


def _strictness(tls: str, users: Mapping[str, str] | None) -> dict[str, Any]:
    strictness: dict[str, Any] = {}
    if tls == "implicit":
        strictness["ssl_context"] = _serving_context()
    if tls == "starttls":
        strictness |= {"tls_context": _serving_context(), "require_starttls": True}
    if users is not None:

        def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, login: Any) -> AuthResult:
            assert isinstance(login, LoginPassword)
            known = users.get(login.login.decode()) == login.password.decode()
            return AuthResult(success=known, handled=False, auth_data=login)

        strictness |= {
            "authenticator": authenticate, "auth_required": True, "auth_require_tls": tls == "starttls",
        }  # fmt: skip
    return strictness


def _drip(listening: socket.socket, over: threading.Event) -> None:
    connection, _ = listening.accept()
    with closing(connection):
        try:
            connection.sendall(b"220 hello\r\n250-")
            while not over.wait(0.01):
                connection.sendall(b"x")
        except OSError:
            pass  # the other side has had enough


@dataclass(frozen=True)
class _Certificates:
    authority: str
    server: bytes
    key: bytes


def _serving_context() -> ssl.SSLContext:
    made = _certificates()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_bytes(made.server + made.key)
        context.load_cert_chain(path)
    return context


@cache
def _certificates() -> _Certificates:
    """An authority of our own, and its certificate for 127.0.0.1 and localhost."""
    authority_key, server_key = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    authority_id = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    name = _name("LateSync's tests")
    authority = (
        _certificate(name, name, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(authority_id, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    names = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")]
    server = (
        _certificate(_name("localhost"), name, server_key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority_id), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    key = server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return _Certificates(authority.public_bytes(pem).decode(), server.public_bytes(pem), key)


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=36500))
    )


def _name(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
