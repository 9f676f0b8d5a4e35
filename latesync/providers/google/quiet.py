"""Google's libraries write into the log what must not stand there (style.md §9)."""

from __future__ import annotations

import logging

# Codes, tokens and addresses with calendar ids at DEBUG; googleapiclient whole answers at WARNING.
_LEVELS = {
    "googleapiclient": logging.ERROR,
    "google": logging.WARNING,
    "google_auth_httplib2": logging.WARNING,
    "oauthlib": logging.WARNING,
    "requests_oauthlib": logging.WARNING,
    "urllib3": logging.WARNING,
}


def quieten_libraries() -> None:
    """Keep personal data out of the log at every level; safe to repeat."""
    for name, level in _LEVELS.items():
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, level))
