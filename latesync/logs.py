"""One line a fact: an event name, then key=value. Ids and counts only (style.md §9).

Imported by `services` and entry points only; everybody else uses `logging.getLogger(__name__)`.
"""

from __future__ import annotations

import logging
import re
import sys

_SECRET_PATHS = re.compile(r"(/(?:connect|setup|sign-in|mail/stop)/)[^\s?\"]+")
_QUERIES = re.compile(r"\?[^\s\"]*")


def without_secrets(text: str) -> str:
    """Text with personal links and query strings (OAuth codes) taken out of it."""
    return _QUERIES.sub("?…", _SECRET_PATHS.sub(r"\1…", text))


class ScrubbingFilter(logging.Filter):
    """Keeps personal links and OAuth codes out of access lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = without_secrets(record.getMessage()), None
        return True


def set_up_logging(level: int = logging.INFO) -> None:
    """Log to standard error; other people's libraries speak only when something is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("latesync").setLevel(level)
    for noisy in ("googleapiclient.discovery_cache", "google.auth", "urllib3", "googleapiclient.http"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
