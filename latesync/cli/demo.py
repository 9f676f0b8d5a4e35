"""`latesync demo`: everything on this machine, started and stopped as one."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click
import platformdirs

from latesync import __version__
from latesync.config import Config, read_config
from latesync.sandbox.demo_files import SITE_FILE, forget_links
from latesync.sandbox.family import ChildDied, Family

WEB_PORT = 8080
MAIL_FROM = "Salon Linden <bookings@salon-linden.example>"
PORTS_TRIED = 50
# From the web port to the start page's, and on to the mail server's and Microsoft's: 8080, 8090, 8100, 8110.
STEP = 10
HIGHEST_STEPPED = 65_000
READY_WITHIN_S = 90.0  # slow machines included; a child that dies is noticed at once
LOOK_EVERY_S = 0.1


class CannotStart(Exception):
    """The text is for people and names the remedy."""


@dataclass(frozen=True)
class Ports:
    web: int
    sandbox: int
    mail: int
    microsoft: int  # behind TLS

    @property
    def web_url(self) -> str:
        return f"http://localhost:{self.web}"

    @property
    def start_page(self) -> str:
        return f"http://localhost:{self.sandbox}/"


class Stop:
    """Whether somebody asked us to stop. A flag, because threading.Event can lock up in a signal handler."""

    def __init__(self) -> None:
        self._is_asked = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def wait(self, seconds: float) -> bool:
        if not self._is_asked:
            time.sleep(seconds)
        return self._is_asked

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._is_asked = True


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), help=f"Where LateSync's own pages are. [default: {WEB_PORT}]"
)
@click.option("--no-browser", is_flag=True, help="Do not open the start page in a browser.")
@click.option(
    "--home", type=click.Path(file_okay=False, path_type=Path), help="Where the demo keeps its state."
)
def demo(port: int | None, no_browser: bool, home: Path | None) -> None:
    """Try LateSync on this machine: nothing to configure, nothing leaves it."""
    stop = Stop()
    home = (home or demo_home()).absolute()
    try:
        with only_one(home) as say_where:
            ports = choose_ports(port)
            _run(home, ports, stop, say_where, opens_browser=not no_browser and has_screen())
    except (CannotStart, ChildDied) as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def demo_home() -> Path:
    """`.demo` in the checkout this program runs from; else beside LateSync's other state."""
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file() and (checkout / "script" / "demo").is_file():
        return checkout / ".demo"
    parent = os.environ.get("LATESYNC_HOME") or platformdirs.user_data_dir("latesync", appauthor=False)
    return Path(parent).expanduser().absolute() / "demo"


@contextmanager
def only_one(home: Path) -> Iterator[Callable[[str], None]]:
    """Hold the demo's folder; yields what notes the start page for those who come later.

    Raises CannotStart when another demo holds it, saying where that one is.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / "running").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            address = lock.read().strip()
            where = f"running already, at {address}" if address else "starting already, in another window"
            raise CannotStart(f"The demo is {where}. Ctrl-C stops it there.") from None

        def say_where(address: str) -> None:
            lock.truncate(0)
            lock.write(address)
            lock.flush()

        say_where("")
        yield say_where


def choose_ports(wanted: int | None) -> Ports:
    """The usual ports, or the next free ones. Raises CannotStart for a wanted port that is taken."""
    if wanted is not None and not is_free(wanted):
        raise CannotStart(
            f"Port {wanted} is taken, or may not be used here. Choose another one with --port, "
            "or leave it out and a free one is found."
        )
    web = wanted or _next_free(WEB_PORT)
    step = STEP if web < HIGHEST_STEPPED else -STEP
    sandbox = _next_free(web + step, {web})
    mail = _next_free(web + 2 * step, {web, sandbox})
    return Ports(web, sandbox, mail, _next_free(web + 3 * step, {web, sandbox, mail}))


def is_free(port: int) -> bool:
    """Whether nobody listens there, on either loopback address: browsers try both for `localhost`."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except PermissionError:
            return False
        except OSError as error:
            if family == socket.AF_INET or error.errno == errno.EADDRINUSE:
                return False
    return True


def _next_free(first: int, taken: Collection[int] = ()) -> int:
    for port in range(first, first + PORTS_TRIED):
        if port not in taken and is_free(port):
            return port
    raise CannotStart(f"No free port was found from {first} on. Free one, or name one with --port.")


def has_screen() -> bool:
    """Whether a browser would be seen; without a display, one in the terminal would get in the way."""
    if not sys.stdout.isatty():
        return False
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def child_environment(home: Path, ports: Ports) -> dict[str, str]:
    """The demo's own settings and none of the operator's: a demo must not touch a real site."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LATESYNC_", "GUNICORN_")) and name != "PORT"
    }
    return kept | {
        "LATESYNC_HOME": str(home),
        "LATESYNC_SITE_DATABASE_URL": f"sqlite:///{home / SITE_FILE}",
        "LATESYNC_BASE_URL": ports.web_url,
        "LATESYNC_GOOGLE_BASE_URL": f"http://127.0.0.1:{ports.sandbox}",
        "LATESYNC_MICROSOFT_BASE_URL": f"https://localhost:{ports.microsoft}",
        "LATESYNC_SMTP_URL": f"smtp://127.0.0.1:{ports.mail}?tls=none",
        "LATESYNC_MAIL_FROM": MAIL_FROM,
        "NO_PROXY": "localhost,127.0.0.1",
        "no_proxy": "localhost,127.0.0.1",
    }


def _run(
    home: Path, ports: Ports, stop: Stop, say_where: Callable[[str], None], *, opens_browser: bool
) -> None:
    environment = child_environment(home, ports)
    config = read_config(environment)
    forget_links(home)
    with Family(home / "logs") as family:
        _start_sandbox(family, home, ports, config, environment)
        from latesync.cli.demo_links import prepare  # heavy: imported while the sandbox starts

        if not _wait(family, ports.start_page, stop):
            return
        links = prepare(config, home)
        try:
            _start_latesync(family, environment)
            if not _wait(family, f"http://127.0.0.1:{ports.web}/readyz", stop):
                return
            links.write()
            say_where(ports.start_page)
            _welcome(ports, home)
            if opens_browser:
                webbrowser.open(ports.start_page)
            while not stop.wait(LOOK_EVERY_S):
                family.check()
                links.refresh()
            click.echo("Stopping ...")
        finally:
            links.close()


def _start_sandbox(
    family: Family, home: Path, ports: Ports, config: Config, environment: dict[str, str]
) -> None:
    arguments = ["--home", str(home), "--port", str(ports.sandbox), "--redirect-uri", config.google_callback]
    arguments += ["--mail-port", str(ports.mail), "--microsoft-port", str(ports.microsoft)]
    arguments += ["--microsoft-redirect-uri", config.microsoft_callback]
    # The site plays the plugin's part, both ways; the secret is made when LateSync starts.
    arguments += ["--latesync", f"http://127.0.0.1:{ports.web}"]
    arguments += ["--bridge-secret-file", str(config.home / "bridge_secret")]
    arguments += ["--plugin-version", __version__]  # as of the plugin that this LateSync brings along
    family.start("sandbox", ["-m", "latesync.sandbox.demo_server", *arguments], environment)


def _start_latesync(family: Family, environment: dict[str, str]) -> None:
    gunicorn = ["--config", "python:latesync.web.gunicorn_config", "latesync.web.wsgi:app"]
    family.start("web", ["-m", "gunicorn", *gunicorn], environment)
    family.start("worker", ["-m", "latesync", "worker"], environment)


def _wait(family: Family, address: str, stop: Stop) -> bool:
    """Until the address answers; False when told to stop meanwhile. Raises ChildDied, CannotStart."""
    limit = time.monotonic() + READY_WITHIN_S
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < limit:
        family.check()
        try:
            with opener.open(address, timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            if stop.wait(LOOK_EVERY_S):
                return False
    raise CannotStart(
        f"{address} did not answer within {READY_WITHIN_S:.0f} seconds. Is the machine busy? Try again."
    )


def _welcome(ports: Ports, home: Path) -> None:
    click.echo(f"""
The demo is ready. Open this page and follow its seven steps:

    {ports.start_page}

Nothing leaves this machine: the salon, its people, this Google and this Microsoft
are pretend, and the mails that LateSync writes reach nobody.
Ctrl-C stops everything; what you did stays in {home} for the next time.
""")
