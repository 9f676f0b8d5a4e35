"""Where the booking site's database is: as the environment says, or as the set-up page kept it in a file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from latesync.errors import WrongInput
from latesync.private_files import write_private

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
    write_private(home / FILE_NAME, json.dumps(kept, indent=1) + "\n")
