"""`latesync sandbox`, or `python -m latesync.sandbox.google`: the stand-in on its own, until interrupted."""

import argparse
import sys
import threading
from pathlib import Path

from .app import served_google
from .world import GoogleWorld

WHAT = "Run a pretend Google on this machine: sign-in pages and Calendar API. Nothing reaches the real one."
HOW = """\
How to use it with LateSync, step by step (with --port 8090; the address is printed at the start):

  1. Make a Google account, with its own empty calendar:
       curl http://127.0.0.1:8090/sandbox/users --json '{"email": "dana@example.com"}'
  2. Get a client JSON. The address in it is LateSync's own callback:
       curl http://127.0.0.1:8090/sandbox/clients -o client.json \\
         --json '{"redirect_uris": ["http://localhost:8080/oauth/google/callback"]}'
  3. Set LATESYNC_GOOGLE_BASE_URL=http://127.0.0.1:8090 for `latesync web` and `latesync worker`, upload
     client.json on LateSync's page (or `latesync client import client.json`), and sign in: any account
     made here can be chosen, without a password.
  4. Put an event into the calendar, which is called like its account:
       curl http://127.0.0.1:8090/sandbox/calendars/dana@example.com/events \\
         --json '{"summary": "Dentist", "start": {"dateTime": "2030-01-07T10:00:00Z"},
                  "end": {"dateTime": "2030-01-07T11:00:00Z"}}'
     and look at what is there:
       curl http://127.0.0.1:8090/sandbox/calendars/dana@example.com/events

`--json` needs curl 7.82; older ones take -H 'Content-Type: application/json' -d instead.
http://127.0.0.1:8090/sandbox/ lists all that can be asked there: other clients, outages, the clock.
To look around without any of this, run `latesync demo`. `latesync sandbox microsoft` is a pretend Microsoft.
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="latesync sandbox",
        description=WHAT,
        epilog=HOW,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=8090, help="0 takes a free one (default: 8090)")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep everything in this file")
    parser.add_argument(
        "--latency", type=float, default=0.0, metavar="SECONDS", help="added to every request"
    )
    chosen = parser.parse_args()
    path: Path | None = chosen.state
    world = GoogleWorld.load(path) if path and path.exists() else GoogleWorld()
    world.latency_s = chosen.latency
    with served_google(world, port=chosen.port) as server:
        if path:
            world.save_after_changes(path)
        sys.stdout.write(f"Stand-in for Google on {server.url}\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
