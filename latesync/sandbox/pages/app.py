"""One application of the tour, the salon's site and the pretend calendar."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, abort, request

from latesync.sandbox.google.world import GoogleWorld
from latesync.sandbox.mail.mailbox import Mailbox
from latesync.sandbox.microsoft.world import MicrosoftWorld
from latesync.sandbox.site.notes import Tell, tell_nobody
from latesync.sandbox.site.plugin import Plugin, plugin
from latesync.sandbox.site.views import salon

from .calendars import calendars
from .mailbox import mailbox
from .tour import tour

PREFIXES = (
    "/salon",
    "/calendars",
    "/mailbox",
    "/tour",
    "/static",
    "/wp-json",
)  # and "/" itself; everything else is Google's or Microsoft's


def _real_time() -> datetime:
    return datetime.now(UTC)


def create_pages(
    world: GoogleWorld,
    *,
    site_file: Path,
    links_home: Path,
    now: Callable[[], datetime] = _real_time,
    tell: Tell = tell_nobody,
    bridge: Plugin | None = None,
    mails: Mailbox | None = None,
    microsoft: MicrosoftWorld | None = None,
) -> Flask:
    """The demo's pages over a world and a site that `prepare_site` has filled.

    tell: takes what the plugin would tell LateSync. bridge: answers what LateSync asks; None: no plugin.
    mails: what the mail server took over. microsoft: of the people who use Outlook; None: nobody does.
    """
    app = Flask(__name__)
    app.config.update(
        WORLD=world,
        MICROSOFT=microsoft,
        SITE_FILE=site_file,
        LINKS_HOME=links_home,
        NOW=now,
        TELL=tell,
        PLUGIN=bridge,
        MAILBOX=mails or Mailbox(now),
    )
    app.secret_key = secrets.token_hex()  # carries one sentence to the next page, nothing that must last
    app.config["SESSION_COOKIE_NAME"] = "latesync_demo"  # cookies of one host are shared by all its ports
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for blueprint in (tour, salon, calendars, mailbox):
        app.register_blueprint(blueprint)
    if bridge is not None:
        app.register_blueprint(plugin)
    app.before_request(_refuse_other_sites)
    return app


def _refuse_other_sites() -> None:
    """A page elsewhere on the web must not press buttons here."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") not in (
        "same-origin",
        "none",
    ):
        abort(403)
