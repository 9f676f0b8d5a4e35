"""Whether changes in Outlook are told at once, or found by looking: one line of `doctor`. Pure."""

from __future__ import annotations

from latesync.messages import counted

POLLED = "looked for every 30 to 45 seconds"


def told_at_once() -> str:
    return "told at once"


def polled_for_want_of_https() -> str:
    return f"{POLLED}, because LATESYNC_BASE_URL is no https address that Microsoft can reach; this is enough"


def polled_so_far(untold: int, connected: int, path: str) -> tuple[str, str]:
    """What is so, and what may be done. path: of the address that Microsoft tells."""
    people = counted(untold, "calendar account")
    return (
        f"{POLLED} for {people} of {connected}: Microsoft has not agreed to tell of them yet",
        f"Nothing has to be done. If it stays so, let your proxy and firewall pass POST requests to {path}.",
    )
