"""The demo's outside world in one process: tour, salon, pretend calendars, sandbox Google and Microsoft's
sign-in page on one port, the rest of Microsoft behind TLS on another, mail on a third."""

import argparse
import json
import re
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .demo_files import (
    CLIENT_FILE,
    MICROSOFT_CLIENT_FILE,
    MICROSOFT_WORLD_FILE,
    SIGN_INS_FILE,
    SITE_FILE,
    WORLD_FILE,
    write_private,
)
from .demo_microsoft import open_microsoft, register_app, sign_in_at_microsoft
from .demo_world import open_world, register_client, sign_in_earlier
from .google.app import create_google_app
from .google.world import GoogleWorld
from .mail.mailbox import Mailbox
from .mail.server import MailServer
from .microsoft.app import create_microsoft_app
from .microsoft.world import MicrosoftWorld
from .pages.app import PREFIXES, create_pages
from .serving import Served
from .site.database import open_site
from .site.notes import Notes
from .site.outlook_people import add_outlook_people
from .site.plugin import Plugin, home_of
from .site.seed import activate_plugin, prepare_site
from .tls import Certificate

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
# What a browser opens at Microsoft: served without TLS, for nobody should meet a warning (P3).
_MICROSOFT_PAGE = re.compile(r"/[^/]+/(oauth2/v2\.0/authorize|adminconsent)")


@dataclass(frozen=True)
class MicrosoftPlace:
    """port: of the token endpoint and Graph, behind TLS. redirect_uri: LateSync's callback."""

    port: int
    redirect_uri: str


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m latesync.sandbox.demo_server", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder for site, calendars and client")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--mail-port", type=int, required=True)
    parser.add_argument("--redirect-uri", required=True, help="LateSync's callback, for Google's client")
    parser.add_argument("--microsoft-port", type=int, required=True)
    parser.add_argument("--microsoft-redirect-uri", required=True, help="the same, for Microsoft's app")
    parser.add_argument("--latesync", required=True, help="LateSync's address, for the site's notes")
    parser.add_argument("--bridge-secret-file", type=Path, required=True, help="the secret that signs them")
    parser.add_argument("--plugin-version", required=True, help="what the site's plugin says it is")
    options = parser.parse_args()
    # Blocked before any thread starts, so that only sigwait hears them.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    notes = Notes(options.latesync, options.bridge_secret_file)
    bridge = Plugin(options.bridge_secret_file, options.plugin_version, f"http://127.0.0.1:{options.port}")
    mails = Mailbox()
    place = MicrosoftPlace(options.microsoft_port, options.microsoft_redirect_uri)
    with (
        MailServer(mails, options.mail_port),
        demo_world_served(options.home, options.port, options.redirect_uri, place, notes, bridge, mails),
    ):
        signal.sigwait(STOP_SIGNALS)


@contextmanager
def demo_world_served(
    home: Path,
    port: int,
    redirect_uri: str,
    place: MicrosoftPlace,
    notes: Notes,
    bridge: Plugin,
    mails: Mailbox,
) -> Iterator[Served]:
    """Serve site, calendars, Google and Microsoft while the block runs.

    Both clients, and at the first start what is known of earlier sign-ins, are on disk before the port
    answers; everything done is kept in the folder, mails in memory. The site's plugin greets LateSync as
    soon as that is there.
    """
    now = datetime.now(UTC)
    hello = _prepared_site(home, bridge, now)
    is_new = not (home / WORLD_FILE).exists()
    knows_microsoft = (home / MICROSOFT_WORLD_FILE).exists()
    world = open_world(home / WORLD_FILE, now)
    microsoft = open_microsoft(home / MICROSOFT_WORLD_FILE, now)
    _write_clients(home, world, microsoft, port, redirect_uri, place)
    sign_ins = sign_in_earlier(world) if is_new else []
    sign_ins += [] if knows_microsoft else sign_in_at_microsoft(microsoft)
    if sign_ins:
        write_private(home / SIGN_INS_FILE, json.dumps(sign_ins, indent=1))
    world.save_after_changes(home / WORLD_FILE)
    microsoft.save_after_changes(home / MICROSOFT_WORLD_FILE)
    pages = create_pages(
        world,
        site_file=home / SITE_FILE,
        links_home=home,
        tell=notes,
        bridge=bridge,
        mails=mails,
        microsoft=microsoft,
    )
    microsoft_app = create_microsoft_app(microsoft)
    with (
        Served(microsoft_app, place.port, certificate=Certificate()),
        Served(one_app(pages, create_google_app(world), microsoft_app), port) as server,
    ):
        notes.greet(hello)
        yield server


def _prepared_site(home: Path, bridge: Plugin, now: datetime) -> dict[str, object]:
    """The site is there; returns what its plugin says first."""
    site = open_site(home / SITE_FILE)
    prepare_site(site, now)
    add_outlook_people(site, now)
    activate_plugin(site)
    hello = bridge.greeting(home_of(site))
    site.close()
    return hello


def _write_clients(
    home: Path,
    world: GoogleWorld,
    microsoft: MicrosoftWorld,
    port: int,
    redirect_uri: str,
    place: MicrosoftPlace,
) -> None:
    """What an operator would fetch from Google's console and copy from Microsoft's portal."""
    page_url = f"http://127.0.0.1:{port}"
    client = register_client(world, page_url, redirect_uri)
    write_private(home / CLIENT_FILE, json.dumps(client, indent=1))
    app = register_app(microsoft, f"https://localhost:{place.port}", page_url, place.redirect_uri)
    write_private(home / MICROSOFT_CLIENT_FILE, json.dumps(app, indent=1))


def one_app(
    pages: "WSGIApplication", google: "WSGIApplication", microsoft: "WSGIApplication"
) -> "WSGIApplication":
    """The pages under their own paths and "/", Microsoft's sign-in, Google under everything else."""

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path in ("", "/") or path.startswith(tuple(f"{prefix}/" for prefix in PREFIXES)):
            return pages(environ, start_response)
        if _MICROSOFT_PAGE.fullmatch(path):
            return microsoft(environ, start_response)
        return google(environ, start_response)

    return application


if __name__ == "__main__":
    main()
