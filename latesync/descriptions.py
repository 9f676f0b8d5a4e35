"""An event's description: our part, a line that invites notes, and the agent's own lines below it.

Only our part is ours to write; what stands below the line is kept verbatim (design.md §4). A calendar's
own editor may turn plain lines into HTML (google-calendar.md E20), so parts are compared as plain text.
"""

from __future__ import annotations

import html
import re

NOTES_LINE = "— LateSync keeps what you write below this line —"

# An editor may put markup or no-break spaces between its words, and still it is the line.
_NOTES_LINE = re.compile(
    r"(?:\s|&nbsp;|<[^>]*>)+".join(
        "(?:—|&mdash;)" if word == "—" else re.escape(word) for word in NOTES_LINE.split()
    )
)
_LINE_BREAKS = re.compile(r"<br\s*/?>|</?(?:p|div|li|ul|ol)\b[^>]*>", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]*>")
_BLANK = re.compile(r"[ \t\u00a0]+")


def compose_description(ours: str, agent_notes: str = "") -> str:
    """The whole description: our part, the notes line, the agent's lines as they were."""
    return f"{ours}\n\n{NOTES_LINE}{agent_notes or chr(10)}"


def split_description(description: str) -> tuple[str, str]:
    """(our part as plain text, the agent's lines verbatim); no notes line means it is all our part.

    Somebody who deleted the line together with our part left text in its place: that is an edit of
    our part, and it is theirs to lose only through the drift policy.
    """
    head, tail = cut_at_notes_line(description)
    return plain_text(head), tail if plain_text(tail) else ""


def cut_at_notes_line(description: str) -> tuple[str, str]:
    """What stands above and below the notes line, verbatim; without such a line nothing stands below."""
    found = _NOTES_LINE.search(description)
    return (description, "") if found is None else (description[: found.start()], description[found.end() :])


def without_notes_line(text: str) -> str:
    """Text that cannot end our part early: a customer may type anything into a comment."""
    return _NOTES_LINE.sub("…", text)


def plain_text(text: str) -> str:
    """Text without markup, entities and differences of spacing, for comparison."""
    without_tags = _TAGS.sub("", _LINE_BREAKS.sub("\n", text))
    lines = (_BLANK.sub(" ", line).strip() for line in html.unescape(without_tags).splitlines())
    return "\n".join(line for line in lines if line)
