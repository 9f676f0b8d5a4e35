"""The headers every answer carries."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from latesync.services import Services


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
    # Chromium counts where a form is redirected to as its action: Google's page must be allowed.
    google = urlsplit(services.google.authorize)
    headers = {
        "Content-Security-Policy": "; ".join(
            (
                "default-src 'self'",
                f"form-action 'self' {google.scheme}://{google.netloc}",
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
