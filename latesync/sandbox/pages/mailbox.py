"""Everybody's mailbox: what LateSync wrote to the salon's people, and nobody else ever sees."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Blueprint, Response, abort, current_app, render_template
from markupsafe import Markup

from latesync.sandbox.mail.mailbox import Mail, Mailbox
from latesync.sandbox.site.seed import OWNER
from latesync.sandbox.site.views import now

from .agenda import ZONE
from .calendars import people

mailbox = Blueprint("mailbox", __name__, url_prefix="/mailbox")

_ADDRESS = re.compile(r"(https?://[^\s<>\"]+)")
# A letter runs nothing, fetches nothing and is nobody's page; what it links to opens beside it, as itself.
_LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
# Before the letter's own first line: browsers keep the first doctype and the first target they meet.
_BESIDE = '<!doctype html><base target="_blank">'


@dataclass(frozen=True)
class Person:
    """name: empty for an address nobody here has."""

    email: str
    name: str
    mails: list[Mail]

    @property
    def title(self) -> str:
        return self.name or self.email


def kept_mails() -> Mailbox:
    return cast(Mailbox, current_app.config["MAILBOX"])


@mailbox.get("/", strict_slashes=False)
def index() -> str:
    return render_template("mailbox/index.html", readers=_readers())


@mailbox.get("/<int:number>")
def mail(number: int) -> str:
    found = _mail(number)
    names = _names()
    readers = [names.get(address.casefold()) or address for address in found.recipients]
    return render_template(
        "mailbox/mail.html", mail=found, readers=readers, is_owners=OWNER[1] in found.recipients
    )


@mailbox.get("/<int:number>/letter")
def letter(number: int) -> Response:
    """The mail's HTML part by itself, for the frame around it."""
    response = Response(_BESIDE + _mail(number).html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _LETTER_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@mailbox.app_template_filter("linked")
def _linked(text: str) -> Markup:
    """Plain text whose web addresses can be clicked."""
    link = Markup('<a href="{0}" target="_blank">{0}</a>')
    parts = _ADDRESS.split(text)
    return Markup().join(link.format(part) if number % 2 else part for number, part in enumerate(parts))


@mailbox.app_template_filter("arrived")
def _arrived(moment: datetime) -> str:
    """ "14:05", with the day where that is not today."""
    local, today = moment.astimezone(ZONE), now().astimezone(ZONE).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local.day} {local:%B, %H:%M}"


def _readers() -> list[Person]:
    """Who has mail: the salon's people in their order, then everybody else by address."""
    names = _names()
    found: dict[str, list[Mail]] = {}
    for mail in kept_mails().mails():
        for address in dict.fromkeys(address.casefold() for address in mail.recipients):
            found.setdefault(address, []).append(mail)
    others = sorted(found.keys() - names.keys())
    return [
        Person(address, names.get(address, ""), found[address])
        for address in [*names, *others]
        if address in found
    ]


def _names() -> dict[str, str]:
    name, email = OWNER
    return {person.email.casefold(): person.name for person in people()} | {email: name}


def _mail(number: int) -> Mail:
    return kept_mails().find(number) or abort(404)
