"""`latesync sandbox microsoft`, or `python -m latesync.sandbox.microsoft`: the stand-in on its own."""

import argparse
import sys
import threading
from pathlib import Path

from ..tls import Certificate
from .app import served_microsoft
from .world import MicrosoftWorld

WHAT = "Run a pretend Microsoft on this machine: sign-in pages and Graph. Nothing reaches the real one."
HOW = """\
How to use it with LateSync, step by step (with --port 8091; the address is printed at the start):

  1. Make an account, with its own empty calendar:
       curl http://127.0.0.1:8091/sandbox/persons --json '{"email": "dana@example.com"}'
  2. Register an app; the address in it is LateSync's own callback:
       curl http://127.0.0.1:8091/sandbox/clients \\
         --json '{"redirect_uris": ["http://localhost:8080/oauth/microsoft/callback"]}'
  3. Set LATESYNC_MICROSOFT_BASE_URL=http://127.0.0.1:8091 for `latesync web` and `latesync worker`, type
     client_id, tenant_id (or no tenant) and secret into LateSync's form, and sign in: any account made
     here can be chosen, without a password.

`--json` needs curl 7.82; older ones take -H 'Content-Type: application/json' -d instead.
With --tls the address begins with https, and the certificate is made at every start (curl wants -k).
http://127.0.0.1:8091/sandbox/ lists all that can be asked there: refusals, outages, the clock.
To look around without any of this, run `latesync demo`.
"""
_STATE_FILE = "microsoft.json"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="latesync sandbox microsoft",
        description=WHAT,
        epilog=HOW,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=8091, help="0 takes a free one (default: 8091)")
    parser.add_argument("--tls", action="store_true", help="serve https, with a certificate made now")
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument("--state", type=Path, metavar="FILE", help="keep everything in this file")
    kept.add_argument("--home", type=Path, metavar="FOLDER", help=f"the same, in FOLDER/{_STATE_FILE}")
    parser.add_argument(
        "--latency", type=float, default=0.0, metavar="SECONDS", help="added to every request"
    )
    chosen = parser.parse_args()
    path: Path | None = chosen.home / _STATE_FILE if chosen.home else chosen.state
    world = MicrosoftWorld.load(path) if path and path.exists() else MicrosoftWorld()
    world.latency_s = chosen.latency
    with served_microsoft(world, chosen.port, certificate=Certificate() if chosen.tls else None):
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            world.save_after_changes(path)
        sys.stdout.write(f"Stand-in for Microsoft on {world.base_url}\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
