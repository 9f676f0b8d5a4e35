"""Switches the OAuth libraries read from the environment and from nowhere else, set in this one place."""

from __future__ import annotations

import os

from latesync.providers.google.endpoints import GoogleEndpoints
from latesync.providers.google.quiet import quieten_libraries

TIMEOUT_S = 30.0


def prepare_libraries(endpoints: GoogleEndpoints) -> None:
    """Make the libraries fit for these endpoints; safe to repeat.

    OAUTHLIB_RELAX_TOKEN_SCOPE: without it oauthlib raises a bare Warning, and loses the token, when a
    person grants less or more than was asked; we judge the scopes ourselves (google-calendar.md P6, T8).
    OAUTHLIB_INSECURE_TRANSPORT: without it oauthlib refuses plain http (P4). Only a stand-in named by the
    operator is ever plain http, never Google.
    """
    switches = ["OAUTHLIB_RELAX_TOKEN_SCOPE"]
    if endpoints.is_plain_http:
        switches.append("OAUTHLIB_INSECURE_TRANSPORT")
    os.environ.update(dict.fromkeys(switches, "1"))
    quieten_libraries()
