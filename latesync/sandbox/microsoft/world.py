"""The sandbox Microsoft as one object: what a test, the demo and the control API can do to it."""

from .graph_world import MailboxWorld


class MicrosoftWorld(MailboxWorld):
    """Persons, their calendars, the admin's app registrations and everything that can go wrong."""
