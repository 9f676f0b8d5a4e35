"""The addresses of LateSync that the tour points to; whoever started the demo writes them down."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from flask import current_app

from latesync.sandbox.demo_files import LINKS_FILE, OWNER_FILE


@dataclass(frozen=True)
class Links:
    """web: LateSync's own address. agents: personal links by e-mail address."""

    web: str = ""
    agents: dict[str, str] = field(default_factory=dict)


def read_links() -> Links:
    """Empty until the file is there."""
    try:
        return Links(**json.loads((_home() / LINKS_FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Links()


def take_owner_link() -> str:
    """A link that opens LateSync once, without a password; empty while there is none. It is used up."""
    taken = _home() / f"{OWNER_FILE}.taken"
    try:
        (_home() / OWNER_FILE).rename(taken)
    except FileNotFoundError:
        return ""
    link = taken.read_text(encoding="utf-8")
    taken.unlink()
    return link


def _home() -> Path:
    return cast(Path, current_app.config["LINKS_HOME"])
