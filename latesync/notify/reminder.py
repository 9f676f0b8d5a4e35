"""The letters LateSync writes. Nothing of a customer's ever stands in one: only how many bookings wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from latesync.messages import counted
from latesync.notify.language import Language
from latesync.notify.letters import Button, Letter
from latesync.notify.templates import Template, default_template, render
from latesync.notify.texts import DEFAULT_LANGUAGE, INVITATION, language_of
from latesync.times import Zone

_OURSELVES = "LateSync"  # where the site does not say what it is called


@dataclass(frozen=True)
class ReminderValues:
    """What a letter to an agent tells. provider: with whom they sign in: "Microsoft".

    email: the account they signed in with, "" before the first time.
    ends_at: when the sign-in will end, ended_at: when it was found to have ended; None: not known.
    waiting: bookings that are not in the calendar yet; None: cannot be told now.
    """

    agent_name: str
    site_name: str
    provider: str
    email: str = ""
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    waiting: int | None = None


@dataclass(frozen=True)
class DigestItem:
    """text: what is wrong and who mends it. when_mailed: what was mailed about it, in words."""

    text: str
    when_mailed: str | None = None


def reminder_letter(
    step: str, values: ReminderValues, *, language: str, zone: Zone, template: Template | None, url: str
) -> Letter:
    """step: plan/consent.py's. template: the owner's own wording; None: ours. url: the personal link."""
    words = language_of(language)
    label = words.sign_in_again.format(provider=values.provider)
    return _letter(step, values, words, zone, template, Button(label, url))


def invitation_letter(
    values: ReminderValues, *, language: str, zone: Zone, template: Template | None, url: str
) -> Letter:
    """For an agent who is not connected yet."""
    words = language_of(language)
    label = words.sign_in.format(provider=values.provider)
    return _letter(INVITATION, values, words, zone, template, Button(label, url))


def digest_letter(items: Sequence[DigestItem], *, site_name: str, url: str) -> Letter:
    """What needs a person, for the owner. url: the dashboard."""
    site_name = site_name or _OURSELVES
    need = counted(len(items), "thing needs you", "things need you")
    return Letter(
        subject=f"{site_name}: {need}",
        paragraphs=(
            f"This is how {site_name} and its agents’ calendars are doing. Bookings are safe; what waits is "
            "written as soon as it can be.",
            *(f"• {item.text}{_told(item)}" for item in items),
        ),
        button=Button("Open LateSync", url),
        footer=("LateSync sends this at most once a day, and only while something needs you.",),
        language=DEFAULT_LANGUAGE,
        heading=site_name,
    )


def test_letter(*, site_name: str) -> Letter:
    """What `latesync mail test` and the set-up send."""
    site_name = site_name or _OURSELVES
    return Letter(
        subject=f"{site_name}: a test mail from LateSync",
        paragraphs=(
            "This is a test. You are reading it, so LateSync can write mails.",
            "Agents will be reminded in time when their calendar sign-in ends.",
        ),
        button=None,
        footer=("Somebody who looks after LateSync asked for this mail. There is nothing to do.",),
        language=DEFAULT_LANGUAGE,
        heading=site_name,
    )


def template_values(values: ReminderValues, language: str, zone: Zone) -> dict[str, str]:
    """What each {{variable}} says; "" where it is not known."""
    words = language_of(language)
    name = values.agent_name.strip()
    return {
        "agent_name": name,
        "agent_first_name": name.split()[0] if name else "",
        "site_name": values.site_name or _OURSELVES,
        "provider": values.provider,
        "email": values.email,
        "ends": words.moment_words(values.ends_at, zone) if values.ends_at else "",
        "ended": words.moment_words(values.ended_at, zone) if values.ended_at else "",
        "waiting": words.waiting_words(values.waiting),
    }


def _letter(
    step: str, values: ReminderValues, words: Language, zone: Zone, template: Template | None, button: Button
) -> Letter:
    filled = template_values(values, words.code, zone)
    standard = render(default_template(step, words.code), filled)
    subject, paragraphs = render(template, filled) if template else standard
    return Letter(
        # Of the owner's wording nothing may be left where all that it names is empty.
        subject=subject or standard[0],
        paragraphs=paragraphs or standard[1],
        button=button,
        footer=(words.why.format(site=filled["site_name"]), words.ask.format(site=filled["site_name"])),
        language=words.code,
        heading=filled["site_name"],
    )


def _told(item: DigestItem) -> str:
    return f"\n{item.when_mailed}" if item.when_mailed else ""
