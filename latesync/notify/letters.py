"""A letter, and the e-mail made of it: plain text and HTML, that say the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from textwrap import wrap

from latesync.errors import RecipientRefused
from latesync.notify.address import ascii_domain, is_email, parse_mailbox
from latesync.notify.html_letter import html_page
from latesync.notify.texts import LANGUAGES

_WIDTH = 72
_LONGEST_SUBJECT = 250


@dataclass(frozen=True)
class Button:
    """The one thing to do. url: may be a personal link, so it is no part of `repr`."""

    label: str
    url: str

    def __repr__(self) -> str:
        return f"Button(label={self.label!r}, url='…')"


@dataclass(frozen=True)
class Letter:
    """What is said, in plain text. A line break within a paragraph is kept. language: a code of LANGUAGES.

    heading: who writes, above the letter; "" for nobody.
    """

    subject: str
    paragraphs: tuple[str, ...]
    button: Button | None
    footer: tuple[str, ...]
    language: str
    heading: str = ""


def build_message(
    letter: Letter,
    *,
    sender: str,
    recipient: str,
    message_id: str,
    sent_at: datetime,
    stop_url: str | None = None,
) -> EmailMessage:
    """The e-mail of a letter.

    message_id: the same for the same mail, so that a repeated one is shown once; "<…@…>".
    stop_url: where the recipient says “no more of these”, also by the mail program's own button (RFC 8058).
    Raises RecipientRefused for a recipient that is no address, WrongInput for such a sender.
    """
    message = EmailMessage(policy=_POLICY)
    message["Subject"] = _one_line(letter.subject)[:_LONGEST_SUBJECT]
    message["From"] = _mailbox(sender)
    message["To"] = _recipient(recipient)
    message["Date"] = sent_at
    message["Message-ID"] = _one_line(message_id)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: out-of-office answers stay away
    if stop_url is not None:
        message["List-Unsubscribe"] = f"<{_one_line(stop_url)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter_text(letter, stop_url), cte="quoted-printable")
    message.add_alternative(letter_html(letter, stop_url), subtype="html", cte="quoted-printable")
    message["Content-Language"] = letter.language  # last: Content-… headers move into the first part
    return message


def letter_text(letter: Letter, stop_url: str | None = None) -> str:
    """The plain part: wrapped, every link on a line of its own."""
    return "\n\n".join(_plain_parts(letter, stop_url)) + "\n"


def letter_html(letter: Letter, stop_url: str | None = None) -> str:
    """The HTML part: a whole page, everything in it escaped."""
    words = LANGUAGES[letter.language]
    return html_page(
        language=letter.language,
        title=_one_line(letter.subject),
        heading=letter.heading,
        paragraphs=letter.paragraphs,
        button=(letter.button.label, letter.button.url, words.address_below) if letter.button else None,
        footer=letter.footer,
        stop=(words.stop, stop_url) if stop_url else None,
    )


class _Whole(UnstructuredHeader, BaseHeader):
    """A header that is never folded: Python's would take a long address apart into encoded words."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def _policy() -> Policy:
    registry = HeaderRegistry()
    registry.map_to_type("list-unsubscribe", _Whole)
    return SMTP.clone(header_factory=registry)


_POLICY = _policy()


def _plain_parts(letter: Letter, stop_url: str | None) -> Iterator[str]:
    if letter.heading:
        yield _one_line(letter.heading)
    for paragraph in letter.paragraphs:
        yield "\n".join(_wrapped(paragraph))
    if letter.button:
        yield f"{letter.button.label}\n{letter.button.url}"
    small = ["\n".join(_wrapped(paragraph)) for paragraph in letter.footer]
    if small:
        small[0] = f"-- \n{small[0]}"  # mail programs show what follows as a signature (RFC 3676, 4.3)
    yield from small
    if stop_url:
        yield f"{LANGUAGES[letter.language].stop}\n{stop_url}"


def _wrapped(paragraph: str) -> Iterator[str]:
    for line in paragraph.splitlines():
        yield from wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False) or [""]


def _one_line(text: str) -> str:
    """Without line breaks and other control characters: nothing can end a header before its time."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _mailbox(sender: str) -> Address:
    mailbox = parse_mailbox(sender)
    return Address(mailbox.display_name, mailbox.username, ascii_domain(mailbox.domain))


def _recipient(text: str) -> Address:
    if not is_email(text):
        raise RecipientRefused("recipient")
    username, _, domain = text.rpartition("@")
    return Address("", username, ascii_domain(domain))
