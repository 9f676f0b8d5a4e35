"""A small JSON of our own in place of the file that Microsoft does not give (microsoft-graph.md M1)."""

from __future__ import annotations

import json

from latesync.consent.microsoft_client import MicrosoftClientForm
from latesync.errors import WrongInput
from latesync.options import AccountType
from latesync.sentences import microsoft_file_sentences as sentences

# Ours, in the file → the form's field.
_FIELDS = {
    "client_id": "client_id",
    "tenant": "tenant",
    "account_type": "account_type",
    "client_secret": "secret",
    "secret_ends_on": "secret_ends_on",
}
EXAMPLE = {
    "client_id": "…",
    "tenant": "…",
    "account_type": AccountType.SINGLE.value,
    "client_secret": "…",
    "secret_ends_on": "2028-11-20",
}


def read_microsoft_file(content: bytes) -> MicrosoftClientForm:
    """What stands in it, as if it had been typed in. Raises WrongInput with every mistake of its form."""
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except ValueError:
        raise WrongInput(sentences.not_json(EXAMPLE)) from None
    if not isinstance(found, dict):
        raise WrongInput(sentences.not_json(EXAMPLE))
    if "web" in found or "installed" in found:
        raise WrongInput(sentences.GOOGLES_FILE)
    mistakes = [sentences.unknown_name(name, _FIELDS) for name in found if name not in _FIELDS]
    mistakes += [
        sentences.not_text(name)
        for name, value in found.items()
        if name in _FIELDS and not (value is None or isinstance(value, str))
    ]
    if mistakes:
        raise WrongInput("\n".join(mistakes))
    return MicrosoftClientForm(**{field: found.get(name) or "" for name, field in _FIELDS.items()})
