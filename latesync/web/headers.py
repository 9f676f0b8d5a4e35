"""The headers every answer carries."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from latesync.providers.microsoft.endpoints import LOOPBACK
from latesync.services import Services

# An organisation may sign its people in on pages of its own, to which Microsoft sends the browser straight
# on: they have any address there is. Only the pages with the button know that, and where a refused sign-in is
# offered once more.
_SIGN_IN_PAGES = frozenset({"connect.page", "renew.page", "provider_return.callback"})
_MICROSOFTS_PAGES = ("https://login.microsoftonline.com", "https://login.live.com")


def add_headers(app: Flask, services: Services) -> None:
    fixed, at_sign_in = _fixed_headers(services), _fixed_headers(services, "https:")

    @app.after_request
    def complete(response: Response) -> Response:
        headers = at_sign_in if request.endpoint in _SIGN_IN_PAGES else fixed
        for name, value in headers.items():
            response.headers.setdefault(name, value)  # a page may have a policy of its own
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def _fixed_headers(services: Services, *more_pages: str) -> dict[str, str]:
    # Chromium counts where a form is redirected to as its action: the providers' pages must be allowed.
    of_microsoft = _microsofts_pages(services.config.microsoft_base_url)
    pages = (_origin(services.google.authorize), *of_microsoft, *more_pages)
    headers = {
        "Content-Security-Policy": "; ".join(
            (
                "default-src 'self'",
                f"form-action 'self' {' '.join(pages)}",
                "frame-ancestors 'none'",
                "base-uri 'none'",
                "object-src 'none'",
            )
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if services.config.is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def _microsofts_pages(standin: str | None) -> tuple[str, ...]:
    """Where Microsoft signs people in; a private account is sent on to another host.

    A stand-in on this machine may show its page at another port, with TLS or not (microsoft-graph.md P3).
    """
    if standin is None:
        return _MICROSOFTS_PAGES
    host = urlsplit(standin).hostname or ""
    if host not in LOOPBACK:
        return (_origin(standin),)
    return tuple(
        f"{scheme}://{name}:*" for name in ("localhost", "127.0.0.1") for scheme in ("http", "https")
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
