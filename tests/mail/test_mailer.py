"""The mailer against real mail servers: what arrives, what is refused, and what each refusal means."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from latesync.errors import MailError, MailNotAccepted, MailUnavailable, RecipientRefused
from latesync.notify.address import SmtpAddress, parse_smtp_address
from latesync.notify.letters import Button, Letter, build_message
from latesync.notify.mailer import Mailer
from tests.mail.smtp_servers import (
    DROP,
    MailServer,
    closed_port,
    deaf_port,
    dripping_port,
    mail_server,
    trusting_context,
)

# aiosmtpd's, about the servers here that take passwords without encryption.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

SENDER, DANA = "Salon Lindé <bookings@salon.example>", "dana@example.com"
USER, PASSWORD = "bookings@salon.example", "gr8-pass-word"


def a_message(recipient: str = DANA, subject: str = "Bitte neu anmelden: Grüße") -> EmailMessage:
    letter = Letter(
        subject,
        ("Guten Tag Dana,", "3 Buchungen warten – „bald“."),
        Button("Neu anmelden", "https://sync.salon.example/connect/" + "a1.B2-c3_" * 40),
        ("Sie erhalten dies, weil …",),
        "de",
    )
    return build_message(
        letter,
        sender=SENDER,
        recipient=recipient,
        message_id="<site.7@sync.salon.example>",
        sent_at=datetime(2026, 11, 25, 13, 5, tzinfo=UTC),
        stop_url="https://sync.salon.example/mail/stop/" + "x.y-z_" * 40,
    )


def a_mailer(url: str, *, timeout_s: float = 5, whole_s: float = 10) -> Mailer:
    return Mailer(
        parse_smtp_address(url), SENDER, timeout_s=timeout_s, whole_s=whole_s, context=trusting_context()
    )


def refusal(server: MailServer, url: str = "", recipient: str = DANA) -> MailError:
    with pytest.raises(MailError) as caught:
        a_mailer(url or server.url()).send(a_message(), recipient)
    return caught.value


def test_a_mail_arrives_as_it_was_written() -> None:
    with mail_server() as server:
        a_mailer(server.url()).send(a_message(), DANA)
    (received,) = server.received
    assert (received.sender, received.recipients) == ("bookings@salon.example", (DANA,))
    message = received.message
    assert message["Subject"] == "Bitte neu anmelden: Grüße"
    assert message["From"] == SENDER
    assert message["List-Unsubscribe"] == "<https://sync.salon.example/mail/stop/" + "x.y-z_" * 40 + ">"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    for part in (text, html):
        assert "3 Buchungen warten – „bald“." in part.get_content()
        assert "https://sync.salon.example/connect/" + "a1.B2-c3_" * 40 in part.get_content()
    assert max(len(line) for line in received.content.split(b"\r\n")) <= 998
    assert received.content.isascii()


def test_the_server_is_greeted_by_the_senders_domain() -> None:
    with mail_server() as server:
        a_mailer(server.url()).send(a_message(), DANA)
        address = parse_smtp_address(server.url())
        Mailer(address, "latesync@localhost").send(a_message(), DANA)
    assert [received.greeting for received in server.received] == ["salon.example", "[127.0.0.1]"]


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_mails_and_passwords_travel_encrypted(tls: str) -> None:
    with mail_server(tls=tls, users={USER: PASSWORD}) as server:
        a_mailer(server.url(tls, "bookings%40salon.example", PASSWORD)).send(a_message(), DANA)
    (received,) = server.received
    assert received.was_encrypted
    assert received.user == USER


def test_starttls_is_used_where_it_is_offered_and_nothing_else_was_said() -> None:
    with mail_server(tls="starttls") as offering, mail_server() as plain:
        a_mailer(offering.url()).send(a_message(), DANA)
        a_mailer(plain.url()).send(a_message(), DANA)
    assert offering.received[0].was_encrypted
    assert not plain.received[0].was_encrypted


def test_a_password_beyond_ascii_works() -> None:
    with mail_server(users={"dana": "schlüssel"}) as server:
        a_mailer(server.url("none", "dana", "schl%C3%BCssel")).send(a_message(), DANA)
        wrong = refusal(server, server.url("none", "dana", "schl%C3%BCssl"))
    assert server.received[0].user == "dana"
    assert (type(wrong), wrong.reason) == (MailNotAccepted, "login")


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_nobody_vouches_for_is_refused(tls: str) -> None:
    with mail_server(tls=tls) as server:
        mailer = Mailer(parse_smtp_address(server.url(tls)), SENDER, timeout_s=5)
        with pytest.raises(MailNotAccepted) as caught:
            mailer.send(a_message(), DANA)
    assert caught.value.reason == "certificate"
    assert server.received == []


def test_encryption_that_was_asked_for_is_insisted_on() -> None:
    with mail_server() as server:
        starttls, implicit = refusal(server, server.url("starttls")), refusal(server, server.url("implicit"))
    assert (type(starttls), starttls.reason) == (MailNotAccepted, "no_tls")
    assert (type(implicit), implicit.reason) == (MailNotAccepted, "no_tls")
    assert server.received == []


def test_no_password_leaves_this_machine_readable() -> None:
    with mail_server(users={"dana": PASSWORD}) as server:
        # 0.0.0.0 leads here, and is no loopback address.
        away = SmtpAddress("0.0.0.0", server.port, "dana", PASSWORD, "auto")
        with pytest.raises(MailNotAccepted) as caught:
            Mailer(away, SENDER).send(a_message(), DANA)
        a_mailer(server.url("none", "dana", PASSWORD)).send(a_message(), DANA)
    assert caught.value.reason == "clear_text_password"
    assert len(server.received) == 1


def test_a_wrong_password_is_the_operators_trouble_and_stays_out_of_sight(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG, "latesync")
    with mail_server(users={USER: "another"}) as server:
        mailer = a_mailer(server.url("none", "bookings%40salon.example", PASSWORD))
        with pytest.raises(MailNotAccepted) as caught:
            mailer.send(a_message(), DANA)
    assert caught.value.reason == "login"
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(mailer)
    printed = capfd.readouterr()
    for text in (shown, caplog.text, printed.out, printed.err):
        assert PASSWORD not in text
        assert DANA not in text


def test_a_server_that_knows_no_login_says_so() -> None:
    with mail_server() as server:
        error = refusal(server, server.url("none", "dana", PASSWORD))
    assert (type(error), error.reason) == (MailNotAccepted, "no_login")


def test_a_server_that_wants_a_login_says_so() -> None:
    with mail_server(users={"dana": PASSWORD}) as server:
        error = refusal(server)
    assert (type(error), error.reason) == (MailNotAccepted, "login_needed")


@pytest.mark.parametrize(
    ("command", "answer", "kind", "reason"),
    [
        ("MAIL", "550 5.7.1 not yours", MailNotAccepted, "sender"),
        ("MAIL", "451 4.3.0 try later", MailUnavailable, "later"),
        ("RCPT", "550 5.1.1 no such user dana@example.com", RecipientRefused, "recipient"),
        ("RCPT", "550 no such user", RecipientRefused, "recipient"),
        ("RCPT", "554 5.7.1 relay access denied", MailNotAccepted, "refused"),
        ("RCPT", "450 4.2.0 greylisted", MailUnavailable, "later"),
        ("DATA", "552 5.3.4 too big", MailNotAccepted, "refused"),
        ("DATA", "421 4.3.2 shutting down", MailUnavailable, "later"),
        ("MAIL", DROP, MailUnavailable, "dropped"),
        ("RCPT", DROP, MailUnavailable, "dropped"),
        ("DATA", DROP, MailUnavailable, "dropped"),
    ],
)
def test_each_refusal_says_who_must_act(
    command: str, answer: str, kind: type[MailError], reason: str
) -> None:
    with mail_server(answers={command: answer}) as server:
        error = refusal(server)
    assert (type(error), error.reason) == (kind, reason)
    assert DANA not in "".join(traceback.format_exception(error))
    assert server.received == []


@pytest.mark.parametrize("answer", [DROP, "421 4.3.2 shutting down"])
def test_a_mail_that_was_taken_over_is_sent_whatever_comes_after(answer: str) -> None:
    with mail_server(answers={"QUIT": answer}) as server:
        a_mailer(server.url()).send(a_message(), DANA)
    assert len(server.received) == 1


def test_a_server_that_is_not_there_or_says_nothing_is_no_answer() -> None:
    for absent in (closed_port, deaf_port):
        with absent() as server, pytest.raises(MailUnavailable) as caught:
            a_mailer(server.url(), timeout_s=0.05).send(a_message(), DANA)
        assert caught.value.reason == "no_answer"


def test_a_server_that_answers_letter_by_letter_is_hung_up_on() -> None:
    with dripping_port() as server, pytest.raises(MailUnavailable) as caught:
        a_mailer(server.url(), timeout_s=5, whole_s=0.05).send(a_message(), DANA)
    assert caught.value.reason == "dropped"


@pytest.mark.parametrize("host", ["mail.invalid", "m" * 64])
def test_a_host_nobody_knows_is_named_as_that(host: str) -> None:
    with pytest.raises(MailUnavailable) as caught:
        a_mailer(f"smtp://{host}:25?tls=none").send(a_message(), DANA)
    assert caught.value.reason == "unknown_host"


@pytest.mark.parametrize(
    "recipient",
    ["", "dana", "dana@", "dana@example.com\r\nRCPT TO:<eve@example.com>", "dana@example.com,eve@example.com",
     "Dana <dana@example.com>", "dana @example.com", "dänä@example.com", f"{'d' * 250}@example.com"],
)  # fmt: skip
def test_what_is_no_address_is_refused_before_anybody_is_called(recipient: str) -> None:
    with mail_server() as server:
        error = refusal(server, recipient=recipient)
    assert (type(error), error.reason) == (RecipientRefused, "recipient")
    assert server.received == []


def test_a_domain_beyond_ascii_is_written_as_mail_servers_do() -> None:
    with mail_server() as server:
        a_mailer(server.url()).send(a_message("dana@bücher.example"), "dana@bücher.example")
    assert server.received[0].recipients == ("dana@xn--bcher-kva.example",)


def test_a_check_signs_in_and_sends_nothing() -> None:
    with mail_server(tls="starttls", users={USER: PASSWORD}) as server:
        a_mailer(server.url("starttls", "bookings%40salon.example", PASSWORD)).check()
        with pytest.raises(MailNotAccepted) as caught:
            a_mailer(server.url("starttls", "bookings%40salon.example", "wrong")).check()
        server.answers["NOOP"] = "421 later"
        with pytest.raises(MailUnavailable):
            a_mailer(server.url("starttls", "bookings%40salon.example", PASSWORD)).check()
    assert caught.value.reason == "login"
    assert server.received == []
