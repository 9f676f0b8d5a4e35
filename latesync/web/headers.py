"""The headers every answer carries."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from latesync.providers.microsoft.endpoints import LOOPBACK
from latesync.services import Services

_MICROSOFTS_PAGES = ("https://login.microsoftonline.com", "https://login.live.com")


def add_headers(app: Flask, services: Services) -> None:
    fixed = _fixed_headers(services)

    @app.after_request
    def complete(response: Response) -> Response:
        for name, value in fixed.items():
            response.headers.setdefault(name, value)  # a page may have a policy of its own
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def _fixed_headers(services: Services) -> dict[str, str]:
    # Chromium counts where a form is redirected to as its action: the providers' pages must be allowed.
    pages = (_origin(services.google.authorize), *_microsofts_pages(services.config.microsoft_base_url))
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
