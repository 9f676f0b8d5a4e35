"""No secret shows in the `repr` of what holds it: tracebacks of tests, debuggers and logs print those."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import latesync
from latesync.backup import Secrets
from latesync.config import read_config
from latesync.store.key_file import KeyFile
from latesync.store.secrets import FixedKeys, SecretBox, fernet_of, new_key

_SOUNDS_SECRET = re.compile(
    r"secret|passphrase|password|verifier|refresh_token|access_token|encryption_key|smtp_url|database_url"
    r"|^state$|^token$|^browser$|^sealed$"
)
# What sounds like a secret and is none: an account's state, a job's, an address of Google's, a sentence,
# the day a secret ends.
_HARMLESS = {
    "AccountOverview.state",
    "AgentOverview.state",
    "GoogleEndpoints.token",
    "MicrosoftClientForm.secret_ends_on",
    "RenewPage.no_password",
    "ResetRow.state",
}


def dataclasses_of_ours() -> Iterator[type[Any]]:
    seen = set()
    for module in pkgutil.walk_packages(latesync.__path__, "latesync."):
        if module.name.startswith(("latesync.sandbox", "latesync.store.migrations", "latesync.__main__")):
            continue
        if module.name.endswith((".wsgi", ".gunicorn_config")):
            continue  # they open the services when they are imported
        for _, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if dataclasses.is_dataclass(found) and found.__module__ == module.name and found not in seen:
                seen.add(found)
                yield found


def test_every_field_that_sounds_secret_is_hidden() -> None:
    shown = {
        f"{found.__name__}.{field.name}"
        for found in dataclasses_of_ours()
        for field in dataclasses.fields(found)
        if field.repr
        and field.type in ("str", "str | None", "tuple[str, ...]")
        and _SOUNDS_SECRET.search(field.name)
    }
    assert shown - _HARMLESS == set()


def test_the_search_finds_what_it_looks_for() -> None:
    names = {found.__name__ for found in dataclasses_of_ours()}
    assert {"Config", "Services", "ClientRow", "OAuthClient", "SignInRow", "Secrets", "Claim"} <= names


def test_keys_show_nowhere() -> None:
    key = new_key()
    holders = [SecretBox([key]), FixedKeys([key]), KeyFile(Path("encryption_key")), fernet_of([key])]
    holders.append(Secrets((key,), key, key, key, key))
    for holder in holders:
        assert key not in repr(holder)


def test_a_configuration_shows_none_of_its_secrets() -> None:
    key = new_key()
    config = read_config(
        {
            "LATESYNC_HOME": "/somewhere",
            "LATESYNC_DATABASE_URL": "mysql://user:hidden-1@host/db",
            "LATESYNC_SITE_DATABASE_URL": "mysql://user:hidden-2@host/db",
            "LATESYNC_SECRET_KEY": "hidden-3" * 8,
            "LATESYNC_ENCRYPTION_KEYS": key,
            "LATESYNC_BRIDGE_SECRET": "hidden-4",
            "LATESYNC_SMTP_URL": "smtp://user:hidden-5@mail.example.com:587",
            "LATESYNC_MAIL_FROM": "sync@example.com",
        }
    )
    assert "hidden" not in repr(config)
    assert key not in repr(config)


@pytest.mark.parametrize("damaged", ["x" * 44, "short", "ä" * 44])
def test_a_key_that_is_none_is_not_quoted(damaged: str) -> None:
    with pytest.raises(Exception, match="usable keys") as caught:
        SecretBox([damaged])
    assert caught.value.__cause__ is None
    assert damaged not in str(caught.value)
