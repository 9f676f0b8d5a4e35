"""Below a path of a shared address: LATESYNC_BASE_URL=https://salon.example/latesync."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def mounted_path(base_url: str) -> str:
    """The path of our address, "" where it has none."""
    return urlsplit(base_url).path.rstrip("/")


class Mounted:
    """The application as seen below a path, whether the proxy in front takes it off or passes it on."""

    def __init__(self, application: WSGIApplication, base_url: str) -> None:
        self._application = application
        self._path = mounted_path(base_url)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = environ.get("PATH_INFO", "")
        if asked == self._path or asked.startswith(f"{self._path}/"):
            environ["PATH_INFO"] = asked[len(self._path) :] or "/"
        environ["SCRIPT_NAME"] = self._path  # what every link and redirect begins with
        return self._application(environ, start_response)
