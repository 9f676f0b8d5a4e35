"""Every letter as an e-mail, read back as a mail program reads it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

import pytest

from latesync.errors import RecipientRefused, WrongInput
from latesync.notify import reminder
from latesync.notify.letters import Button, Letter, build_message
from latesync.notify.reminder import DigestItem, ReminderValues
from latesync.notify.templates import Template
from latesync.notify.texts import LANGUAGES
from latesync.plan.consent import Step
from latesync.times import Zone

BERLIN = Zone("Europe/Berlin")
NOW = datetime(2026, 11, 25, 13, 5, tzinfo=UTC)
URL = "https://sync.salon.example/connect/" + "a1.B2-c3_" * 40
STOP = "https://sync.salon.example/mail/stop/" + "x.y-z_" * 60
DANA = ReminderValues(
    agent_name="Dana Reyes",
    site_name="Salon Linden",
    provider="Google",
    email="dana@example.com",
    ends_at=datetime(2026, 11, 27, 13, 5, tzinfo=UTC),
    ended_at=datetime(2026, 11, 27, 13, 5, tzinfo=UTC),
    waiting=3,
)
EVERY_LETTER = pytest.mark.parametrize(
    ("kind", "language"), [(kind, code) for code in LANGUAGES for kind in (*Step, "invitation")]
)


def a_letter(
    kind: str = "ended", language: str = "en", values: ReminderValues = DANA, template: Template | None = None
) -> Letter:
    if kind == "invitation":
        return reminder.invitation_letter(values, language=language, zone=BERLIN, template=template, url=URL)
    return reminder.reminder_letter(kind, values, language=language, zone=BERLIN, template=template, url=URL)


def arrived(
    letter: Letter, *, stop_url: str | None = STOP, sender: str = "bookings@salon.example"
) -> EmailMessage:
    """The mail as it comes out at the other end."""
    built = build_message(
        letter,
        sender=sender,
        recipient="dana@example.com",
        message_id="<7.abc@sync.salon.example>",
        sent_at=NOW,
        stop_url=stop_url,
    )
    wire = built.as_bytes()
    assert wire.isascii()
    assert max(len(line) for line in wire.split(b"\r\n")) <= 998
    parsed = message_from_bytes(wire, policy=default)
    assert isinstance(parsed, EmailMessage)
    assert parsed.defects == []
    return parsed


def parts(message: EmailMessage) -> tuple[str, str]:
    """Plain text and HTML."""
    assert message.get_content_type() == "multipart/alternative"
    first, second = message.iter_parts()
    assert [part.get_content_type() for part in (first, second)] == ["text/plain", "text/html"]
    assert [part.get_content_charset() for part in (first, second)] == ["utf-8", "utf-8"]
    text, html = (part.get_content().replace("\r\n", "\n") for part in (first, second))
    return text, html


class Page(HTMLParser):
    """What stands in a page: its words, its links, its language."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.links, self.language, self._silent = "", [], "", False
        self.tags: list[str] = []
        self.feed(html)

    links: list[str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self._silent = tag in ("style", "title") or (self._silent and tag == "meta")
        if tag == "html":
            self.language = found.get("lang") or ""
        if tag == "a":
            self.links.append(found.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        self.words += "" if self._silent else data


def one_line(text: str) -> str:
    return " ".join(text.split())


@EVERY_LETTER
@pytest.mark.parametrize("waiting", [None, 0, 1, 3])
def test_every_letter_can_be_sent_in_every_language(kind: str, language: str, waiting: int | None) -> None:
    letter = a_letter(kind, language, replace(DANA, waiting=waiting))
    text, html = parts(arrived(letter))
    said = LANGUAGES[language].waiting_words(waiting)
    for words in (one_line(text), one_line(Page(html).words)):
        assert "{" not in words
        assert "Dana" in words
        assert "Salon Linden" in words
        for paragraph in (*letter.paragraphs, *letter.footer):
            assert one_line(paragraph) in words
        if kind != "invitation" and said:
            assert said in words
    if not said:
        assert not re.search(r"\b[013] \w", text)
    assert " ." not in text
    assert "None" not in text


@EVERY_LETTER
def test_both_parts_lead_to_one_page_and_out(kind: str, language: str) -> None:
    text, html = parts(arrived(a_letter(kind, language)))
    page = Page(html)
    assert page.links == [URL, URL, STOP]  # the button, the same address written out, the way out
    assert URL in page.words
    assert page.language == language
    lines = text.splitlines()
    assert [line for line in lines if "https://" in line] == [URL, STOP]
    assert all(len(line) <= 72 for line in lines if "https://" not in line)


@EVERY_LETTER
def test_headers_say_what_programs_need(kind: str, language: str) -> None:
    letter = a_letter(kind, language)
    message = arrived(letter, sender="Salon Lindé <bookings@salon.example>")
    assert message["Subject"] == letter.subject
    assert message["From"] == "Salon Lindé <bookings@salon.example>"
    assert message["To"] == "dana@example.com"
    assert message["Date"].datetime == NOW
    assert message["Message-ID"] == "<7.abc@sync.salon.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == language
    assert message["List-Unsubscribe"] == f"<{STOP}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_long_way_out_stays_in_one_piece_on_the_wire() -> None:
    built = build_message(
        a_letter(),
        sender="a@b.example",
        recipient="c@d.example",
        message_id="<1@b>",
        sent_at=NOW,
        stop_url=STOP,
    )
    assert f"List-Unsubscribe: <{STOP}>\r\n".encode() in built.as_bytes()


def test_without_a_way_out_none_is_offered() -> None:
    message = arrived(a_letter(), stop_url=None)
    text, html = parts(message)
    assert message["List-Unsubscribe"] is message["List-Unsubscribe-Post"] is None
    assert LANGUAGES["en"].stop not in text + html


@pytest.mark.parametrize("kind", ["two_days", "one_day"])
def test_a_reminder_names_the_end_and_the_account(kind: str) -> None:
    text, _ = parts(arrived(a_letter(kind)))
    assert "on Friday 27 November, 14:05 (Europe/Berlin)" in one_line(text)
    assert "Choose the account dana@example.com" in text
    assert "Sign in again with Google" in text
    assert "nothing is lost" in text


def test_another_provider_is_called_by_its_name() -> None:
    text, _ = parts(arrived(a_letter("ended", "de", replace(DANA, provider="Microsoft"))))
    assert "Erneut mit Microsoft anmelden" in text
    assert "Google" not in text


def test_markup_in_names_stays_text() -> None:
    named = replace(DANA, agent_name='<b>Dana</b><img src=x onerror="x">', site_name="Cut & <i>Colour</i>")
    html = parts(arrived(a_letter("ended", "en", named)))[1]
    page = Page(html)
    assert not {"b", "i", "img"} & set(page.tags)
    assert "Cut & <i>Colour</i>" in page.words


@pytest.mark.parametrize(
    "evil", ["x\r\nBcc: eve@example.com", "x\nBcc: eve@example.com", "x\u2028Bcc: e@e", "x\x00"]
)
def test_no_line_break_reaches_a_header(evil: str) -> None:
    template = Template("Hello {{agent_name}} {{site_name}}", "text")
    named = replace(DANA, agent_name=evil, site_name=evil)
    for letter in (a_letter("ended", "en", named, template), replace(a_letter(), subject=evil, heading=evil)):
        message = arrived(letter)
        assert message["Bcc"] is None
        assert set(message.keys()) == set(arrived(a_letter()).keys())


def test_a_recipient_that_is_no_address_is_refused() -> None:
    for recipient in ("dana@example.com\r\nBcc: eve@example.com", "dana", "a@b, c@d"):
        with pytest.raises(RecipientRefused):
            build_message(
                a_letter(), sender="a@b.example", recipient=recipient, message_id="<1@b>", sent_at=NOW
            )


def test_a_sender_that_is_no_address_is_refused() -> None:
    with pytest.raises(WrongInput):
        build_message(a_letter(), sender="x\r\nBcc: a@b", recipient="a@b", message_id="<1@b>", sent_at=NOW)


def test_the_owners_wording_is_used_and_the_button_stays() -> None:
    template = Template("Hi {{agent_first_name}}", "It ended on {{ended}}.\n\nSee you,\n{{site_name}}")
    letter = a_letter("ended", "en", template=template)
    assert letter.subject == "Hi Dana"
    assert letter.paragraphs == (
        "It ended on Friday 27 November, 14:05 (Europe/Berlin).",
        "See you,\nSalon Linden",
    )
    text, html = parts(arrived(letter))
    assert URL in text
    assert "See you,<br>\nSalon Linden" in html


def test_a_wording_of_which_nothing_is_left_gives_way_to_the_standard_text() -> None:
    nothing_waits = replace(DANA, waiting=0)
    letter = a_letter("ended", "en", nothing_waits, Template("{{waiting}}", "{{waiting}}, {{agent_name}}."))
    assert letter == a_letter("ended", "en", nothing_waits)


def test_what_is_not_known_leaves_no_hole() -> None:
    unknown = ReminderValues(agent_name="", site_name="", provider="Google")
    for kind in (*Step, "invitation"):
        text, _ = parts(arrived(a_letter(kind, "en", unknown)))
        assert "Hello" not in text
        assert "account" not in text
        assert "on ." not in text
        assert len(a_letter(kind, "en", unknown).paragraphs) >= 2


def test_a_digest_lists_what_needs_the_owner() -> None:
    items = [
        DigestItem("Google has signed Dana out. 3 bookings wait.", "Dana was told on Fri 27 Nov, 14:05."),
        DigestItem("The outbox waits."),
    ]
    letter = reminder.digest_letter(items, site_name="Salon Linden", url="https://sync.salon.example/")
    assert letter.subject == "Salon Linden: 2 things need you"
    text, html = parts(arrived(letter))
    assert "• Google has signed Dana out. 3 bookings wait.\nDana was told on Fri 27 Nov, 14:05.\n" in text
    assert Page(html).links[0] == "https://sync.salon.example/"
    one = reminder.digest_letter(items[:1], site_name="Salon Linden", url="https://sync.salon.example/")
    assert one.subject == "Salon Linden: 1 thing needs you"


def test_a_test_mail_asks_for_nothing() -> None:
    text, html = parts(arrived(reminder.test_letter(site_name="Salon Linden"), stop_url=None))
    assert "This is a test" in text
    assert Page(html).links == []


def test_a_link_stays_out_of_repr() -> None:
    assert "secret" not in repr(replace(a_letter(), button=Button("Sign in", "https://x/connect/secret")))
