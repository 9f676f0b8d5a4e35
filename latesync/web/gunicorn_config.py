"""Gunicorn's settings, and what must hold before it starts: `--config python:latesync.web.gunicorn_config`"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NoReturn
from urllib.parse import urlsplit

from gunicorn.glogging import Logger

from latesync.config import read_config
from latesync.consent.links import make_setup_token
from latesync.errors import ConfigurationInvalid, LateSyncError
from latesync.logs import ScrubbingFilter
from latesync.services import Services, open_services
from latesync.store.people import count_admins

DEFAULT_BIND = "127.0.0.1:8080"


class ScrubbingLogger(Logger):  # type: ignore[misc]
    """No personal link and no OAuth code reaches a log, whoever switches the access log on."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.access_log, self.error_log):
            if not any(isinstance(known, ScrubbingFilter) for known in log.filters):
                log.addFilter(ScrubbingFilter())


def choose_bind(environ: Mapping[str, str]) -> str:
    """PORT, as platforms set it; else where the base URL points, unless a proxy stands there."""
    port = environ.get("PORT", "").strip()
    if port:
        return f"0.0.0.0:{port}"
    try:
        parts = urlsplit(read_config(environ).base_url)
    except ConfigurationInvalid:
        return DEFAULT_BIND  # on_starting says what is wrong
    if parts.scheme == "https" or parts.hostname is None:
        return DEFAULT_BIND
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname
    return f"[{host}]:{parts.port or 80}" if ":" in host else f"{host}:{parts.port or 80}"


def on_starting(server: Any) -> None:
    """Runs once, before any worker: one clear line instead of workers that die in a loop."""
    import_module("latesync.web.app")  # modules only: the workers inherit them, and start at once
    try:
        services = open_services(read_config())
    except ConfigurationInvalid as exc:
        _stop(*exc.problems)
    except LateSyncError as exc:
        _stop(str(exc))
    try:
        if count_admins(services.database) == 0:
            sys.stderr.write(_welcome(services))
    finally:
        services.close()  # no connection may cross the fork


def _welcome(services: Services) -> str:
    token = make_setup_token(services.secret_key, services.site_id, now=services.clock())
    link = f"{services.config.base_url}/setup/{token}"
    return f"LateSync has no owner's account yet. Open this link once, within a day:\n  {link}\n"


def _stop(*problems: str) -> NoReturn:
    for problem in problems:
        sys.stderr.write(f"LateSync cannot start: {problem}\n")
    raise SystemExit(1)


bind = choose_bind(os.environ)
workers = 2
worker_class = "gthread"
threads = 4
preload_app = False  # each worker opens its own connections
timeout = 60  # a provider is asked while a page waits, at most 30 s
accesslog = None
control_socket_disable = True  # it would be made in the home of whoever starts us, shared by all who do
logger_class = ScrubbingLogger
forwarded_allow_ips = "127.0.0.1,::1"
