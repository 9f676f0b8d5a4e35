"""Asking Microsoft about what the owner typed, before it takes the place of what works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from latesync.consent.client_test import Verdict, ask_about_client
from latesync.consent.microsoft_client import FormMistakes, MicrosoftClient
from latesync.consent.oauth_client import OAuthClient, tenant_path
from latesync.plan.client_replacement import Change, ClientReplacement

if TYPE_CHECKING:
    from latesync.providers.microsoft.endpoints import MicrosoftEndpoints

_OF_THE_SECRET = frozenset({"AADSTS7000215", "AADSTS7000222"})  # microsoft-graph.md §5


def check_at_microsoft(
    endpoints: MicrosoftEndpoints, client: MicrosoftClient, replacement: ClientReplacement, redirect_uri: str
) -> None:
    """Raises FormMistakes where Microsoft refuses what would replace the client in use.

    With a secret that is refused every calendar there would stand still, and the one it replaced is shown
    nowhere any more (M1). No answer stops nobody; neither does a first client, which replaces nothing.
    """
    if replacement.change is Change.FIRST:
        return
    asked = OAuthClient(client.client_id, client.secret, tenant_path(client.tenant, client.account_type))
    verdict, word = ask_about_client(endpoints, asked, redirect_uri)
    if verdict is Verdict.REFUSED:
        wrong = ("secret", "secret_refused") if word in _OF_THE_SECRET else ("client_id", "app_refused")
        raise FormMistakes([wrong])
