"""Where the booking site's database is: as the environment says, or as the set-up page kept it in a file."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from latesync.errors import WrongInput

FILE_NAME = "site_database.json"  # in LATESYNC_HOME; holds a password
_UNREADABLE = (
    "The kept connection to the booking site ({path}) cannot be read. Give it anew on the page Set-up, or "
    "delete the file and set LATESYNC_SITE_DATABASE_URL."
)


@dataclass(frozen=True, slots=True)
class SiteAddress:
    """url: with the password. home_url: of the site it was kept for, "" where that was never read."""

    url: str = field(repr=False)
    prefix: str
    home_url: str = ""


def read_kept_address(home: Path) -> SiteAddress | None:
    """What the set-up page kept; None when it kept nothing. Raises WrongInput."""
    path = home / FILE_NAME
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as exc:
        raise WrongInput(_UNREADABLE.format(path=path)) from exc
    match kept:
        case {"url": str(url), "table_prefix": str(prefix), "home_url": str(home_url)}:
            return SiteAddress(url, prefix, home_url)
    raise WrongInput(_UNREADABLE.format(path=path))


def write_kept_address(home: Path, address: SiteAddress) -> None:
    """Keep it for every process of this installation: whole or not at all, for its owner's eyes only."""
    kept = {"url": address.url, "table_prefix": address.prefix, "home_url": address.home_url}
    draft = home / f".{FILE_NAME}.{secrets.token_hex(8)}"
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(kept, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(home / FILE_NAME)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
