"""What people read where an app's registration comes in from a shell: a JSON, or questions. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

GOOGLES_FILE = (
    "This is a client file of Google's. Leave out --provider microsoft; or, for Microsoft, give the app's "
    "IDs and secret."
)
NO_FILE = (
    "Name a file, or leave it out and add --interactive: then each value is asked for, and the secret is not "
    "shown while you type it."
)
NO_FILE_NAMED = "Name the client JSON that Google gave you."
NOT_BOTH = "Give a file or --interactive, not both."
ONLY_MICROSOFT = "--interactive is for Microsoft: Google gives a file. Name that."
SAME = "This very app is in use already; nothing was changed."
QUESTIONS = {
    "client_id": "Application (client) ID",
    "account_type": "Whose accounts may sign in",
    "tenant": "Directory (tenant) ID, empty for any organisation",
    "secret": "Client secret (its Value; it is not shown)",
    "secret_ends_on": "The day the secret expires, like 2028-11-20 (empty: not known)",
}


def not_json(example: Mapping[str, str]) -> str:
    return f"The file is no JSON object. It looks like this: {json.dumps(example, ensure_ascii=False)}"


def unknown_name(name: str, known: Collection[str]) -> str:
    shown = name if len(name) <= 40 else f"{name[:39]}…"
    return f"There is no “{shown}” in such a file. It may hold: {', '.join(known)}."


def not_text(name: str) -> str:
    return f"“{name}” must be text in quotation marks."
