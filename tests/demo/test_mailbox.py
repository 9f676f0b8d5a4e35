"""The demo's mail server, as smtplib and worse clients meet it, and the page that shows what it took."""

import html
import re
import smtplib
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from latesync.sandbox.google import GoogleWorld
from latesync.sandbox.mail.mailbox import Mailbox
from latesync.sandbox.mail.server import Limits, MailServer
from latesync.sandbox.pages.app import create_pages
from latesync.sandbox.site.seed import AGENTS, OWNER
from tests.demo.conftest import NOW

ANNA, BEN, _ = (email for _, _, email, _ in AGENTS)
SENDER = "bookings@salon-linden.example"


@pytest.fixture
def mails() -> Mailbox:
    return Mailbox(lambda: NOW)


@pytest.fixture
def server(mails: Mailbox) -> Iterator[MailServer]:
    with MailServer(mails) as server:
        yield server


def client(server: MailServer) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", server.port, timeout=30)


def a_mail(text: str = "Hello Ben,\n", html: str = "", subject: str = "Please sign in again") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"Salon Linden <{SENDER}>", BEN, subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def only(mails: Mailbox) -> str:
    (mail,) = mails.mails()
    return mail.text


# Clients that know how


def test_a_mail_in_two_forms_is_taken_for_every_recipient(server: MailServer, mails: Mailbox) -> None:
    with client(server) as smtp:
        refused = smtp.send_message(a_mail(html="<p>Hello Ben,</p>"), SENDER, [BEN, ANNA, BEN])
    (mail,) = mails.mails()
    assert refused == {}
    assert mail.recipients == (BEN, ANNA)
    assert (mail.sender, mail.subject) == (f"Salon Linden <{SENDER}>", "Please sign in again")
    assert (mail.text, mail.html.strip()) == ("Hello Ben,\n", "<p>Hello Ben,</p>")
    assert mail.arrived_at == NOW


def test_lines_of_dots_arrive_as_they_were(server: MailServer, mails: Mailbox) -> None:
    text = ".\n..\n.hidden\n...three\nlast.\n"
    with client(server) as smtp:
        smtp.send_message(a_mail(text), SENDER, [BEN])
    assert only(mails) == text


def test_a_line_longer_than_any_buffer_arrives_whole(server: MailServer, mails: Mailbox) -> None:
    text = "x" * 300_000
    with client(server) as smtp:
        smtp.sendmail(SENDER, [BEN], f"Subject: long\r\n\r\n{text}\r\n")
    assert only(mails) == f"{text}\n"


def test_other_alphabets_arrive_in_headers_text_and_addresses(server: MailServer, mails: Mailbox) -> None:
    reader = "zoë@bücher.example"
    message = a_mail("Grüße, Εὐχαριστῶ, 予約 💈\n", subject="Für Zoë: 予約")
    with client(server) as smtp:
        smtp.sendmail(SENDER, [reader], message.as_bytes(policy=SMTPUTF8), ["SMTPUTF8", "BODY=8BITMIME"])
        smtp.send_message(message, SENDER, [BEN])
    for mail in mails.mails():
        assert (mail.subject, mail.text) == ("Für Zoë: 予約", "Grüße, Εὐχαριστῶ, 予約 💈\n")
    assert mails.mails()[1].recipients == (reader,)


def test_two_clients_at_once_do_not_mix_up_their_mails(server: MailServer, mails: Mailbox) -> None:
    with client(server) as one, client(server) as other:
        for smtp, reader in ((one, ANNA), (other, BEN)):
            smtp.ehlo()
            smtp.mail(SENDER)
            smtp.rcpt(reader)
        other.data("Subject: for Ben\r\n\r\n")
        one.data("Subject: for Anna\r\n\r\n")
    assert [(mail.subject, mail.recipients) for mail in mails.mails()] == [
        ("for Anna", (ANNA,)),
        ("for Ben", (BEN,)),
    ]


def test_several_mails_go_over_one_connection_and_what_was_taken_back_is_not_sent(
    server: MailServer, mails: Mailbox
) -> None:
    with client(server) as smtp:
        smtp.helo("salon")
        smtp.mail(SENDER)
        smtp.rcpt(ANNA)
        assert smtp.rset()[0] == smtp.noop()[0] == 250
        assert smtp.rcpt(BEN)[0] == 503
        assert smtp.verify(BEN)[0] == 252
        smtp.sendmail(SENDER, [BEN], "Subject: one\r\n\r\n")
        smtp.sendmail("", [BEN], "Subject: two\r\n\r\n")
    assert [(mail.subject, mail.recipients) for mail in mails.mails()] == [("two", (BEN,)), ("one", (BEN,))]


def test_a_mail_that_is_too_big_is_refused_beforehand_or_afterwards(mails: Mailbox) -> None:
    with MailServer(mails, limits=Limits(mail=1000)) as server, client(server) as smtp:
        assert smtp.ehlo()[0] == 250
        assert smtp.esmtp_features["size"] == "1000"
        assert smtp.mail(SENDER, ["SIZE=1001"])[0] == 552
        assert smtp.mail(SENDER)[0] == smtp.rcpt(BEN)[0] == 250
        assert smtp.data("Subject: big\r\n\r\n" + "x" * 5000 + "\r\n.\r\n")[0] == 552
        smtp.sendmail(SENDER, [BEN], "Subject: small\r\n\r\n")
    assert [mail.subject for mail in mails.mails()] == ["small"]


def test_one_recipient_too_many_is_told_so(mails: Mailbox) -> None:
    with MailServer(mails, limits=Limits(recipients=2)) as server, client(server) as smtp:
        smtp.ehlo()
        smtp.mail(SENDER)
        assert [smtp.rcpt(f"{number}@salon.example")[0] for number in range(3)] == [250, 250, 452]


def test_only_the_newest_mails_are_kept(mails: Mailbox) -> None:
    small = Mailbox(lambda: NOW, kept=2)
    for number in range(3):
        small.take(SENDER, (BEN,), f"Subject: {number}\r\n\r\n".encode())
    assert [(mail.number, mail.subject) for mail in small.mails()] == [(3, "2"), (2, "1")]
    assert small.find(1) is None


# Clients that do not


class Wire:
    """A client that says exactly what it is told to."""

    def __init__(self, server: MailServer) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        self._answers = self._socket.makefile("rb")
        self.hear()

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self._answers.close()
        self._socket.close()

    def hear(self) -> int:
        """The code of the next answer; 0: the server has hung up."""
        while True:
            line = self._answers.readline()
            if line[3:4] != b"-":
                return int(line[:3] or 0)

    def say(self, *lines: bytes) -> list[int]:
        """In one go; the answers to all of them."""
        self._socket.sendall(b"".join(line + b"\r\n" for line in lines))
        return [self.hear() for _ in lines]

    def send(self, content: bytes) -> None:
        self._socket.sendall(content)


GREETED = (b"EHLO salon", b"MAIL FROM:<a@salon.example>", b"RCPT TO:<b@salon.example>")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([b""], 502),
        ([b"GET / HTTP/1.1"], 502),
        ([b"AUTH PLAIN AGEAYg=="], 502),
        ([b"STARTTLS"], 502),
        ([b"\xff\xfe"], 500),
        ([b"NOOP " + b"x" * 5000], 500),
        ([b"EHLO"], 501),
        ([b"MAIL FROM:<a@b.example>"], 503),
        ([b"EHLO salon", b"RCPT TO:<a@b.example>"], 503),
        ([b"EHLO salon", b"DATA"], 503),
        ([b"EHLO salon", b"MAIL FROM:a@b.example"], 501),
        ([b"EHLO salon", b"MAIL TO:<a@b.example>"], 501),
        ([b"EHLO salon", b"MAIL FROM:<a@b\x00.example>"], 501),
        ([b"EHLO salon", b"MAIL FROM:<a@b.example> SIZE=many"], 501),
        ([b"EHLO salon", b"MAIL FROM:<a@b.example> RET=HDRS"], 555),
        ([b"EHLO salon", b"MAIL FROM:<a@b.example>", b"MAIL FROM:<a@b.example>"], 503),
        ([b"EHLO salon", b"MAIL FROM:<>", b"RCPT TO:<>"], 501),
        ([b"EHLO salon", b"MAIL FROM:<>", b"RCPT TO:<a@b.example> NOTIFY=NEVER"], 555),
        ([*GREETED, b"DATA now"], 501),
    ],
)
def test_what_cannot_be_understood_is_refused_and_the_talk_goes_on(
    server: MailServer, mails: Mailbox, lines: list[bytes], code: int
) -> None:
    with Wire(server) as wire:
        assert wire.say(*lines)[-1] == code
        assert wire.say(*GREETED, b"DATA", b"Subject: sent\r\n\r\n.")[-1] == 250
    assert [mail.subject for mail in mails.mails()] == ["sent"]


def test_everything_at_once_and_in_crumbs_is_understood(server: MailServer, mails: Mailbox) -> None:
    letter = b"Subject: crumbs\r\n\r\nbare\nline feeds\n.\nand a carriage\rreturn\r\n.\r\n"
    with Wire(server) as wire:
        wire.say(*GREETED, b"DATA")
        for number in range(len(letter)):
            wire.send(letter[number : number + 1])
        assert wire.hear() == 250
        assert wire.say(b"quit") == [221]
        assert wire.hear() == 0
    assert only(mails) == "bare\nline feeds\n.\nand a carriage\rreturn\n"


def test_a_client_that_hangs_up_in_the_middle_leaves_no_mail(server: MailServer, mails: Mailbox) -> None:
    with Wire(server) as wire:
        wire.say(*GREETED, b"DATA")
        wire.send(b"Subject: half\r\n\r\nand th")
    with client(server) as smtp:
        smtp.sendmail(SENDER, [BEN], "Subject: whole\r\n\r\n")
    assert [mail.subject for mail in mails.mails()] == ["whole"]


@pytest.mark.parametrize("limits", [Limits(line_s=0.05), Limits(session_s=0.05)], ids=["line", "session"])
def test_a_client_that_says_nothing_is_sent_away(mails: Mailbox, limits: Limits) -> None:
    with MailServer(mails, limits=limits) as server, Wire(server) as wire:
        assert (wire.hear(), wire.hear()) == (421, 0)


def test_a_client_that_only_makes_mistakes_is_sent_away(mails: Mailbox) -> None:
    with MailServer(mails, limits=Limits(mistakes=2)) as server, Wire(server) as wire:
        assert wire.say(b"HELP", b"HELP", b"HELP") == [502, 502, 421]
        assert wire.hear() == 0


def test_a_crowd_is_let_in_one_after_the_other(mails: Mailbox) -> None:
    with MailServer(mails, limits=Limits(sessions=1)) as server:
        with Wire(server) as first:
            with pytest.raises(smtplib.SMTPConnectError, match="421"):
                client(server)
            first.say(b"QUIT")
            assert first.hear() == 0
        client(server).quit()


def test_a_taken_port_is_told_and_a_left_one_is_free_again(server: MailServer, mails: Mailbox) -> None:
    with pytest.raises(OSError, match="in use"):
        MailServer(mails, server.port)
    with MailServer(mails) as other:
        port, wire = other.port, Wire(other)
    with wire:
        assert wire.hear() == 0
    with MailServer(mails, port), closing(socket.create_connection(("127.0.0.1", port), timeout=30)):
        pass


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\x80",
        b"Content-Type: text/plain; charset=nobody-knows\r\n\r\n\xff",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n--a--",
        b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%",
        b"From: <<>>,@:;\r\nSubject: =?x?q?=FF?= =?utf-8?b?!?=\r\nContent-Disposition: ;;\r\n\r\n",
    ],
)
def test_a_mail_that_is_none_is_kept_all_the_same(mails: Mailbox, content: bytes) -> None:
    assert mails.take(SENDER, (BEN,), content) == mails.find(1)


# The page


@pytest.fixture
def visitor(site: sqlite3.Connection, site_file: Path, mails: Mailbox) -> FlaskClient:
    world = GoogleWorld()
    for first, last, email, _ in AGENTS:
        world.add_user(email, name=f"{first} {last}")
    pages = create_pages(
        world, site_file=site_file, links_home=site_file.parent, now=lambda: NOW, mails=mails
    )
    return pages.test_client()


def shown(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.partition("<main>")[2])).split())


def test_mails_are_listed_by_person_newest_first(visitor: FlaskClient, mails: Mailbox) -> None:
    readers = [(OWNER[1],), ("x@salon.example",), (BEN.upper(), ANNA), (BEN,)]
    for number, recipients in enumerate(readers):
        mails.take(SENDER, recipients, a_mail(subject=f"Mail {number}").as_bytes())
    assert (
        "Anna Berg anna@salon-linden.example Mail 2 08:00 "
        "Ben Cho ben@salon-linden.example Mail 3 08:00 Mail 2 08:00 "
        "The salon’s owner office@salon-linden.example Mail 0 08:00 x@salon.example Mail 1 08:00"
    ) in shown(visitor.get("/mailbox/").text)


def test_a_mail_of_another_day_says_which(site_file: Path, site: sqlite3.Connection, mails: Mailbox) -> None:
    mails.take(SENDER, (BEN,), a_mail().as_bytes())
    later = create_pages(
        GoogleWorld(),
        site_file=site_file,
        links_home=site_file.parent,
        now=lambda: NOW + timedelta(days=1),
        mails=mails,
    )
    assert "19 October, 08:00" in shown(later.test_client().get("/mailbox/").text)


def test_the_empty_mailbox_says_how_mails_come(visitor: FlaskClient) -> None:
    page = shown(visitor.get("/mailbox/").text)
    assert "They reach nobody and never leave this computer" in page
    assert "No mail has come" in page


def test_a_mail_is_shown_in_both_forms_and_its_addresses_can_be_clicked(
    visitor: FlaskClient, mails: Mailbox
) -> None:
    text = "Sign in <again>:\nhttp://localhost:8080/connect/a-b?c=1&d=2\nben@salon-linden.example\n"
    mails.take(SENDER, (BEN,), a_mail(text, "<p>Sign in again</p>").as_bytes())
    page = visitor.get("/mailbox/1").text
    assert "to Ben Cho" in shown(page)
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert '<a href="http://localhost:8080/connect/a-b?c=1&amp;d=2" target="_blank">' in page
    assert "&lt;again&gt;" in page
    assert "mailto:" not in page


def test_a_mail_to_the_owner_says_how_to_come_in(visitor: FlaskClient, mails: Mailbox) -> None:
    mails.take(SENDER, (OWNER[1],), a_mail().as_bytes())
    mails.take(SENDER, (BEN,), a_mail().as_bytes())
    assert "open LateSync as the owner" in visitor.get("/mailbox/1").text
    assert "open LateSync as the owner" not in visitor.get("/mailbox/2").text


def test_a_letter_runs_and_fetches_nothing_and_its_links_open_beside_it(
    visitor: FlaskClient, mails: Mailbox
) -> None:
    mails.take(SENDER, (BEN,), a_mail(html="<!doctype html><p>Grüße</p><script>alert(1)</script>").as_bytes())
    answer = visitor.get("/mailbox/1/letter")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "script" not in policy
    assert answer.text.startswith('<!doctype html><base target="_blank">')
    assert "Grüße" in answer.text


def test_a_mail_without_a_letter_or_a_text_is_shown_as_what_it_is(
    visitor: FlaskClient, mails: Mailbox
) -> None:
    mails.take(SENDER, (BEN,), b"")
    page = visitor.get("/mailbox/1").text
    assert "(no subject)" in page
    assert "(nothing)" in page
    assert "<iframe" not in page
    assert visitor.get("/mailbox/2").status_code == visitor.get("/mailbox/2/letter").status_code == 404
