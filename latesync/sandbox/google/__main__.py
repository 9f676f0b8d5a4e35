"""`python -m latesync.sandbox.google`: the stand-in on its own, until interrupted."""

import argparse
import sys
import threading
from pathlib import Path

from .app import served_google
from .world import GoogleWorld


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m latesync.sandbox.google", description=__doc__)
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
