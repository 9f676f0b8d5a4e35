"""What is said where an agent's accounts cannot be used as somebody wished. Pure."""

from __future__ import annotations

from latesync.sentences.provider_words import company

NOWHERE_TO_WRITE = (
    "Your bookings go to this calendar, and there is no other account they could go to. Choose a calendar "
    "for your bookings, or disconnect the account. Nothing was changed."
)
NOT_CONNECTED = "This account is not connected any more. Sign in again first. Nothing was changed."


def one_a_provider(provider: str) -> str:
    return (
        f"Another {company(provider)} account is connected already. Disconnect that one first, then sign in "
        "with the new one. Nothing was changed."
    )
