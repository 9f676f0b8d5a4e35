"""The demo's outside world in one process: tour, salon, pretend calendar and sandbox Google on one port,
mail on another."""

import argparse
import json
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .demo_files import CLIENT_FILE, SIGN_INS_FILE, SITE_FILE, WORLD_FILE, write_private
from .demo_world import open_world, register_client, sign_in_earlier
from .google.app import create_google_app
from .mail.mailbox import Mailbox
from .mail.server import MailServer
from .pages.app import PREFIXES, create_pages
from .serving import Served
from .site.database import open_site
from .site.notes import Notes
from .site.plugin import Plugin, home_of
from .site.seed import activate_plugin, prepare_site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m latesync.sandbox.demo_server", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder for site, calendars and client")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--mail-port", type=int, required=True)
    parser.add_argument("--redirect-uri", required=True, help="LateSync's callback, for the client")
    parser.add_argument("--latesync", required=True, help="LateSync's address, for the site's notes")
    parser.add_argument("--bridge-secret-file", type=Path, required=True, help="the secret that signs them")
    parser.add_argument("--plugin-version", required=True, help="what the site's plugin says it is")
    options = parser.parse_args()
    # Blocked before any thread starts, so that only sigwait hears them.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    notes = Notes(options.latesync, options.bridge_secret_file)
    bridge = Plugin(options.bridge_secret_file, options.plugin_version, f"http://127.0.0.1:{options.port}")
    mails = Mailbox()
    with (
        MailServer(mails, options.mail_port),
        demo_world_served(options.home, options.port, options.redirect_uri, notes, bridge, mails),
    ):
        signal.sigwait(STOP_SIGNALS)


@contextmanager
def demo_world_served(
    home: Path, port: int, redirect_uri: str, notes: Notes, bridge: Plugin, mails: Mailbox
) -> Iterator[Served]:
    """Serve site, calendars and Google while the block runs.

    The client JSON, and at the first start what is known of earlier sign-ins, is on disk before the port
    answers; everything done is kept in the folder, mails in memory. The site's plugin greets LateSync as
    soon as that is there.
    """
    now = datetime.now(UTC)
    site = open_site(home / SITE_FILE)
    prepare_site(site, now)
    activate_plugin(site)
    hello = bridge.greeting(home_of(site))
    site.close()
    is_new = not (home / WORLD_FILE).exists()
    world = open_world(home / WORLD_FILE, now)
    client = register_client(world, f"http://127.0.0.1:{port}", redirect_uri)
    write_private(home / CLIENT_FILE, json.dumps(client, indent=1))
    if is_new:
        write_private(home / SIGN_INS_FILE, json.dumps(sign_in_earlier(world), indent=1))
    world.save_after_changes(home / WORLD_FILE)
    pages = create_pages(
        world, site_file=home / SITE_FILE, links_home=home, tell=notes, bridge=bridge, mails=mails
    )
    with Served(one_app(pages, create_google_app(world)), port) as server:
        notes.greet(hello)
        yield server


def one_app(pages: "WSGIApplication", google: "WSGIApplication") -> "WSGIApplication":
    """The pages under their own paths and "/", Google under everything else."""

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        is_ours = path in ("", "/") or path.startswith(tuple(f"{prefix}/" for prefix in PREFIXES))
        return (pages if is_ours else google)(environ, start_response)

    return application


if __name__ == "__main__":
    main()
