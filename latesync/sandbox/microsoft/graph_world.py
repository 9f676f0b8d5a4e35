"""What a test, the demo and the control API can do to the calendars."""

from .persons import Person
from .state import State


class MailboxWorld(State):
    """Calendars and events, changed as their owner would in Outlook."""

    def fill_mailbox(self, person: Person, time_zone: str) -> None:
        """Called once for a new account: its primary calendar. Callers hold the lock."""
        person.mailbox.time_zone = time_zone
