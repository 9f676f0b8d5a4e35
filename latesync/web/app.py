"""The Flask application, put together."""

from __future__ import annotations

import logging
from datetime import timedelta
from types import TracebackType
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from latesync.services import Services
from latesync.web import (
    admin,
    connect,
    done,
    enter,
    entrance,
    events,
    google,
    health,
    health_page,
    held,
    history,
    letters,
    mail_stop,
    metrics,
    microsoft,
    microsoft_hook,
    pauses,
    provider_return,
    renew,
    reset,
    settings,
    sign_in_help,
    site_hook,
    slots,
    start,
    start_agents,
    start_mail,
    start_microsoft,
    start_site,
    which_site,
    wordpress,
)
from latesync.web.context import offer_to_templates
from latesync.web.desk import add_desk
from latesync.web.headers import add_headers
from latesync.web.mounting import Mounted, mounted_path
from latesync.web.presenting import add_filters
from latesync.web.problems import add_problem_pages
from latesync.web.providers import offer_providers
from latesync.web.viewers import AGENT_SESSION

LARGEST_REQUEST = 96 * 1024  # the largest client file, and the form around it
_LOG = logging.getLogger(__name__)


class WebApp(Flask):
    def log_exception(
        self,
        exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None],
    ) -> None:
        """Flask's own line holds the path, and a personal link's path is a secret."""
        _LOG.error("page failed endpoint=%s", request.endpoint, exc_info=exc_info)


def create_app(services: Services) -> Flask:
    app = WebApp(__name__)
    app.config.update(_settings(services))
    app.extensions["latesync"] = services
    add_desk(app, services)
    which_site.add_stop(app)  # before anything else looks at the request
    csrf = CSRFProtect(app)
    csrf.exempt(site_hook.blueprint)  # its notes are signed
    csrf.exempt(microsoft_hook.blueprint)  # its notes carry the subscription's secret
    csrf.exempt(provider_return.posted_callback)  # from the provider's page; it changes nothing
    csrf.exempt(mail_stop.blueprint)  # mail programs post there, to an address that only the mail holds
    add_headers(app, services)
    add_filters(app)
    offer_to_templates(app)
    offer_providers(app)
    add_problem_pages(app)
    for room in (
        admin,
        entrance,
        enter,
        connect,
        renew,
        reset,
        done,
        events,
        google,
        provider_return,
        mail_stop,
        microsoft,
        microsoft_hook,
        health,
        metrics,
        pauses,
        health_page,
        held,
        history,
        letters,
        settings,
        sign_in_help,
        slots,
        start,
        start_agents,
        start_mail,
        start_microsoft,
        start_site,
        which_site,
        wordpress,
    ):
        app.register_blueprint(room.blueprint)
    limiter = _limit_attempts(app)
    site_hook.add_site_hook(app, limiter)
    app.wsgi_app = Mounted(app.wsgi_app, services.config.base_url)  # type: ignore[method-assign]
    if services.config.is_https:  # a proxy on this machine stands in front
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    return app


def _settings(services: Services) -> dict[str, object]:
    return {
        "SECRET_KEY": services.secret_key,
        "SESSION_COOKIE_NAME": "latesync",
        "SESSION_COOKIE_PATH": mounted_path(services.config.base_url) or "/",  # not the site's beside us
        "SESSION_COOKIE_SECURE": services.config.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",  # a provider's return is a navigation from another site
        "PERMANENT_SESSION_LIFETIME": AGENT_SESSION + timedelta(days=1),  # viewers.py ends it sooner
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "MAX_FORM_MEMORY_SIZE": LARGEST_REQUEST,
        "WTF_CSRF_TIME_LIMIT": None,  # a page may stay open over night; the token ends with the session
        # Our pages send no Referer (headers.py), so its check would refuse every form over https.
        "WTF_CSRF_SSL_STRICT": False,
        "RATELIMIT_STORAGE_URI": "memory://",  # counts per process: two workers allow twice as much
    }


def _limit_attempts(app: Flask) -> Limiter:
    limiter = Limiter(get_remote_address, app=app)
    limits = {
        "entrance.check_password": "10 per minute",
        "entrance.set_up": "10 per minute",
        "entrance.owner_link": "10 per minute",
        "enter.agent": "60 per minute",
        "enter.owner": "60 per minute",
        "connect.personal_link": "60 per minute",  # a whole salon may share one address
        "start_site.connect": "20 per minute",  # each asks a database
        "start_mail.send_test": "10 per minute",
        "renew.begin": "60 per minute",
        "provider_return.callback": "60 per minute",
        "provider_return.posted_callback": "60 per minute",
        "mail_stop.page": "60 per minute",
        "mail_stop.act": "60 per minute",
        "sign_in_help.search": "60 per minute",
        "sign_in_help.ask_about_client": "10 per minute",  # each asks a provider
        "microsoft.save": "20 per minute",
        "start_microsoft.save": "20 per minute",
    }
    for endpoint, limit in limits.items():
        view: Any = app.view_functions[endpoint]
        app.view_functions[endpoint] = limiter.limit(limit)(view)
    return limiter
