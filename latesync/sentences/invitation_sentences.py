"""What people read about guests, the mails they get and links to meetings. Pure."""

from __future__ import annotations

from latesync.messages import Message

INVITE = Message(
    "Add the customer to the event as a guest",
    "It then stands in the customer’s own calendar too. Without this, nobody but your site writes to a "
    "customer. Only Google can do it: Outlook would mail each guest about every change, so in Outlook "
    "LateSync never invites anybody.",
)
MAILS: dict[str, Message] = {
    "mail_on_create": Message("when a booking is made", ""),
    "mail_on_change": Message("when its time changes, or another customer takes it over", ""),
    "mail_on_cancel": Message("when it is cancelled", ""),
}
MAILS_LEGEND = "Google mails the guest"
MEETING = Message(
    "Add a link to an online meeting",
    "Google Meet, or Microsoft Teams where the agent’s Outlook calendar offers it. The link is kept with the "
    "booking. In LatePoint’s own messages, {{google_meet_url}} stands for the link of the meeting, at "
    "Outlook a Teams link.",
)
NEVER_MAILED = (
    "Nobody is mailed about anything else: not by a first sync, not about what is caught up after a break, "
    "not about past bookings, and not when an event is put back, made again or moved to another calendar."
)
FROM_NOW_ON = (
    "This holds for bookings made or moved from now on. Guests of events that stand already stay as they are."
)
NO_NAMES = (
    "With the names hidden from the calendar, nobody is invited: an address would stand there all the same."
)
NO_GROUPS = (
    "Where several bookings share one event, nobody is invited: guests can read each other’s addresses."
)


def customers_get_mail_from(*, google: bool, only_some: bool = False) -> str:
    """The one sentence that answers who writes to customers (users-ask.md U29)."""
    if not google:
        return "Customers get mail from: the site only."
    if only_some:
        return "Customers get mail from: the site and, for some services, Google."
    return "Customers get mail from: the site and Google."


NO_GUESTS_IN_OUTLOOK = (
    "Agents whose bookings stand in Outlook invite nobody: Outlook mails guests about everything, and cannot "
    "be told to be silent. The customer’s name and number stand in the event itself."
)


def left_out(count: int) -> str:
    """Guests whom Google would not take; Outlook is given none (google-calendar.md Q4); "" for none."""
    if not count:
        return ""
    events = "1 event to come stands" if count == 1 else f"{count} events to come stand"
    guests = "its guest" if count == 1 else "their guests"
    return (
        f"{events} in the calendar without {guests}: Google did not accept the invitation. It does so when "
        "many people from outside are invited in a short time. It is tried again when the booking changes."
    )
