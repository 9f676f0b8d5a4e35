"""Microsoft's and its neighbours' libraries write into the log what must not stand there (style.md §9)."""

from __future__ import annotations

import logging

# Addresses with ids of events and calendars at DEBUG; MSAL: whole answers of the token endpoint at ERROR.
_LEVELS = {
    "urllib3": logging.WARNING,
    "requests": logging.WARNING,
    "msal": logging.CRITICAL,
}
# urllib3 repeats the address it could not reach at WARNING, query included.
_NEVER = ("urllib3.connectionpool",)


def quieten_libraries() -> None:
    """Keep personal data out of the log at every level; safe to repeat."""
    levels = _LEVELS | dict.fromkeys(_NEVER, logging.ERROR)
    for name, level in levels.items():
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, level))
