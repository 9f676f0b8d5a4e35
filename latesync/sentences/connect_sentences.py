"""What an agent reads of their accounts at Google and Microsoft on their own page. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from latesync.messages import Message
from latesync.sentences.provider_words import calendar_product, company

# Where a person takes back what they allowed: there is no other way at Microsoft (microsoft-graph.md §5).
_CONSENT_STAYS = (
    "Microsoft has no way for LateSync to give its permission back, so it is only forgotten here. {who} can "
    "remove it at myapps.microsoft.com, or with a private account at account.live.com/consent/Manage."
)
WRITTEN_HERE = "Bookings are written here."
BUSY_ONLY = "Brings busy time only."


def benefits(products: Sequence[str]) -> list[str]:
    """Why to connect a calendar. products: of those the site offers."""
    where = f"your {products[0]}" if len(products) == 1 else "your calendar"
    if products == ["Google Calendar"]:
        where = "your Google calendar"
    return [
        f"Your bookings appear in {where} within seconds.",
        "Whatever else is in your calendar is no longer offered for booking.",
        "Only times leave your calendar, never titles or guests.",
    ]


def on_the_page(provider: str) -> str:
    """What to do on the provider's page."""
    if provider == "microsoft":
        return "On Microsoft’s page, press “Accept”."
    return "On Google’s page, leave the box for your calendar ticked."


def is_working(written: str, read: Sequence[str]) -> str:
    """For an agent all of whose calendars are connected. written, read: providers."""
    if not read:
        return (
            "Bookings appear in your calendar by themselves, and times when you are busy are no longer "
            "offered."
        )
    there = " and ".join(calendar_product(provider) for provider in read)
    return (
        f"Bookings appear in {calendar_product(written)} by themselves, and times when you are busy there or "
        f"in {there} are no longer offered."
    )


def ends_soon(provider: str) -> str:
    return f"{company(provider)} will sign you out soon. Sign in again now and nothing stops."


def new_client(provider: str) -> str:
    return (
        f"The site has renewed its connection to {company(provider)}. Please sign in once more, so that your "
        "calendar goes on with the new one. Until then everything works as before."
    )


def signed_out(provider: str, email: str, waits: str, *, has_lost_sign_in: bool) -> str:
    """waits: how many bookings do, in words; "" for none."""
    why = (
        "LateSync can no longer read your sign-in"
        if has_lost_sign_in
        else f"{company(provider)} has signed you out"
    )
    waiting = f" {waits} for your calendar." if waits else ""
    return (
        f"{why} ({email}).{waiting} Sign in with the same account, and everything is as before: nothing is "
        "lost, nothing is doubled."
    )


def list_not_fresh(provider: str) -> str:
    return (
        f"{company(provider)} did not show your list of calendars just now. What you chose before stays; "
        "reload this page in a minute to change it."
    )


def add(provider: str, written: str) -> Message:
    """For an agent who has one calendar, about the other. written: where bookings go now."""
    return Message(
        f"Do you also use {calendar_product(provider)}?",
        f"Sign in there too, and times when you are busy in {calendar_product(provider)} are no longer "
        f"offered either. Your bookings stay in {calendar_product(written)}, unless you tick the box.",
    )


def write_there(provider: str) -> str:
    return f"Write my bookings to {calendar_product(provider)} from now on"


def busy_read(provider: str) -> str:
    """After a sign-in that brings busy time alone."""
    return f"Done: the times when you are busy in {calendar_product(provider)} are no longer offered."


def what_follows_leaving(provider: str, rest: Sequence[str], *, was_written: bool, is_own: bool) -> list[str]:
    """Before an account is disconnected. rest: providers of the agent's others."""
    the, product = ("your" if is_own else "the"), calendar_product(provider)
    lines = []
    if was_written and rest:
        other = calendar_product(rest[0])
        lines.append(f"New bookings go into {other} instead, into {the} main calendar there.")
    elif was_written:
        lines.append(f"New bookings no longer appear in {the} calendar.")
    lines.append(f"Busy times from {product} no longer close times on the booking form.")
    if provider == "microsoft":
        lines.append(_CONSENT_STAYS.format(who="You" if is_own else "The agent"))
    else:
        lines.append("LateSync gives its permission back to Google.")
    return lines


def disconnected(provider: str) -> str:
    return f"{calendar_product(provider)} is disconnected. You can connect it again at any time."
