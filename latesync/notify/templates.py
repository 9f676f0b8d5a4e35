"""The owner's own wording of a letter: {{variables}} as in LatePoint's templates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from latesync.notify.language import Draft
from latesync.notify.texts import language_of
from latesync.plan.content import VARIABLE, fill

Template = Draft

LONGEST_SUBJECT = 150
LONGEST_BODY = 5000

# In the order in which the owner's page lists them.
VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "agent_first_name": "the agent’s first name",
        "agent_name": "the agent’s whole name",
        "site_name": "the name of your site",
        "provider": "with whom the agent signs in: Google or Microsoft",
        "email": "the account the agent signed in with",
        "ends": "when the sign-in ends: day, time and time zone",
        "ended": "when LateSync noticed that the sign-in has ended",
        "waiting": "how many bookings wait, in words: “3 bookings are not yet in your calendar”",
    }
)
_ANY_BRACES = re.compile(r"{{(.*?)}}", re.DOTALL)
_BLANK_LINES = re.compile(r"\n\s*\n")


def template_name(step: str, language: str) -> str:
    """Under which the owner's wording is kept (store/choices.py)."""
    return f"{step}.{language}"


def default_template(step: str, language: str) -> Template:
    """Our own wording. step: of a reminder, or "invitation". Raises KeyError for another."""
    return language_of(language).letters[step]


def template_to_json(template: Template) -> str:
    return json.dumps({"subject": template.subject, "body": template.body}, ensure_ascii=False)


def template_from_json(kept: str | None) -> Template | None:
    """None: nothing is kept, or nothing that can be used; the standard text holds then."""
    try:
        found = json.loads(kept or "null")
        template = Template(found["subject"], found["body"])
        return None if check_template(template.subject, template.body) else template
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def check_template(subject: str, body: str) -> list[str]:
    """What is wrong with a wording, one sentence each; empty when it can be used."""
    problems = []
    if not subject.strip():
        problems.append("The subject is empty. Write a few words.")
    if not body.strip():
        problems.append("The text is empty. Write a few words, or go back to the standard text.")
    if len(subject) > LONGEST_SUBJECT:
        problems.append(f"The subject is too long. Keep it below {LONGEST_SUBJECT} characters.")
    if len(body) > LONGEST_BODY:
        problems.append(f"The text is too long. Keep it below {LONGEST_BODY} characters.")
    return problems + list(_unknown_variables(f"{subject}\n{body}"))


def render(template: Template, values: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Subject and paragraphs. A line that names a variable that is empty is left out, and with its last
    line the paragraph: “{{waiting}}.” says nothing when nothing waits.
    """
    subject = " ".join(fill(template.subject, values).split())
    paragraphs = (_rendered(part, values) for part in _BLANK_LINES.split(_unix(template.body)))
    return subject, tuple(paragraph for paragraph in paragraphs if paragraph)


def _rendered(paragraph: str, values: Mapping[str, str]) -> str:
    lines = [
        " ".join(fill(line, values).split())
        for line in paragraph.splitlines()
        if all(values.get(name) for name in VARIABLE.findall(line))
    ]
    return "\n".join(line for line in lines if line)


def _unknown_variables(text: str) -> Iterator[str]:
    for inside in dict.fromkeys(match.strip() for match in _ANY_BRACES.findall(text)):
        if inside not in VARIABLES:
            shown = inside if len(inside) <= 40 else f"{inside[:39]}…"
            yield f"There is no variable {{{{{shown}}}}}. Use one of the list below, spelt as there."
    rest = _ANY_BRACES.sub("", text)
    if "{{" in rest or "}}" in rest:
        yield "A variable is missing its braces. It looks like this: {{site_name}}."


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
