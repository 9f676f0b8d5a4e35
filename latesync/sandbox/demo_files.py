"""What lies in the demo's folder, by name. Light: `latesync demo` reads it before it starts anything."""

import os
from pathlib import Path

SITE_FILE, WORLD_FILE, CLIENT_FILE = "site.db", "google.json", "google-client.json"
MICROSOFT_WORLD_FILE, MICROSOFT_CLIENT_FILE = "microsoft.json", "microsoft-client.json"
LINKS_FILE, OWNER_FILE = "links.json", "owner-link"
# Sign-ins from before the first start, until LateSync has taken them over.
SIGN_INS_FILE = "earlier-sign-ins.json"


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, and for its owner only."""
    draft = path.with_name(f".{path.name}.new")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    draft.replace(path)


def forget_links(home: Path) -> None:
    """They are good for one start: the next may have other ports."""
    for name in (LINKS_FILE, OWNER_FILE):
        (home / name).unlink(missing_ok=True)
