"""Where Google answers, or where a stand-in for it does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GoogleEndpoints:
    """Every address we call.

    api: ends with the service path and a slash; the client library appends to it as it is (P2).
    """

    authorize: str
    token: str
    revoke: str
    userinfo: str
    api: str
    batch: str

    @property
    def is_plain_http(self) -> bool:
        """Only a stand-in is ever reached without TLS."""
        return self.authorize.startswith("http://") and self.token.startswith("http://")


# google-calendar.md J9; pinned, because an uploaded file must not steer our secret elsewhere (J10).
GOOGLE = GoogleEndpoints(
    authorize="https://accounts.google.com/o/oauth2/v2/auth",
    token="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
    revoke="https://oauth2.googleapis.com/revoke",
    userinfo="https://openidconnect.googleapis.com/v1/userinfo",
    api="https://www.googleapis.com/calendar/v3/",
    batch="https://www.googleapis.com/batch/calendar/v3",
)


def google_endpoints(base_url: str | None) -> GoogleEndpoints:
    """The real endpoints, or those of a stand-in under one address (design.md §8)."""
    if base_url is None:
        return GOOGLE
    base = base_url.rstrip("/")
    return GoogleEndpoints(
        authorize=f"{base}/o/oauth2/v2/auth",
        token=f"{base}/token",
        revoke=f"{base}/revoke",
        userinfo=f"{base}/userinfo",
        api=f"{base}/calendar/v3/",
        batch=f"{base}/batch/calendar/v3",
    )
