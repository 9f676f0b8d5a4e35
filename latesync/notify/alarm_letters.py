"""The letters about alarms: to the owner in English, to agents in their own language."""

from __future__ import annotations

from latesync.messages import Message
from latesync.notify.letters import Button, Letter
from latesync.notify.reminder import ReminderValues, template_values
from latesync.notify.templates import render
from latesync.notify.texts import DEFAULT_LANGUAGE, language_of
from latesync.times import Zone

_OURSELVES = "LateSync"  # where the site does not say what it is called
_ONCE = "LateSync says this once, and once more when it is over."


def owner_alarm_letter(said: Message, *, site_name: str, url: str) -> Letter:
    """url: where the owner sees more."""
    return _to_owner(said, site_name, url, _ONCE)


def owner_all_clear_letter(said: Message, *, site_name: str, url: str) -> Letter:
    return _to_owner(
        said, site_name, url, "LateSync told you that something was wrong. There is nothing to do."
    )


def agent_alarm_letter(values: ReminderValues, *, language: str, zone: Zone, url: str) -> Letter:
    """One of their calendars is gone, and only they can choose another. url: a personal link."""
    words = language_of(language)
    button = Button(words.sign_in_again.format(provider=values.provider), url)
    return _to_agent("calendar_lost", values, language, zone, button)


def agent_all_clear_letter(values: ReminderValues, *, language: str, zone: Zone) -> Letter:
    return _to_agent("calendar_back", values, language, zone, None)


def _to_owner(said: Message, site_name: str, url: str, footer: str) -> Letter:
    site_name = site_name or _OURSELVES
    return Letter(
        subject=f"{site_name}: {said.title}",
        paragraphs=(said.text,),
        button=Button("Open LateSync", url),
        footer=(footer,),
        language=DEFAULT_LANGUAGE,
        heading=site_name,
    )


def _to_agent(name: str, values: ReminderValues, language: str, zone: Zone, button: Button | None) -> Letter:
    words = language_of(language)
    filled = template_values(values, words.code, zone)
    subject, paragraphs = render(words.alarms[name], filled)
    return Letter(
        subject=subject,
        paragraphs=paragraphs,
        button=button,
        footer=(words.why.format(site=filled["site_name"]), words.ask.format(site=filled["site_name"])),
        language=words.code,
        heading=filled["site_name"],
    )
