"""What a test, the demo and the control API can do to the calendars. What a person does is in outlook.py."""

from . import notices
from .graph_calendars import add_calendar
from .graph_state import Mailbox
from .limits import Limits
from .persons import Person
from .state import State
from .subscriptions import end_subscription
from .zones import zone


class MailboxWorld(State):
    """Mailboxes and what can go wrong with them."""

    def __init__(self) -> None:
        super().__init__()
        self.limits = Limits()

    def fill_mailbox(self, person: Person, time_zone: str) -> None:
        """Called once for a new account: its primary calendar. Callers hold the lock."""
        zone(time_zone)
        mailbox = person.mailbox
        mailbox.time_zone = time_zone
        self.attach(person)
        add_calendar(mailbox, "Calendar", is_default=True)

    def attach(self, person: Person) -> None:
        """Hang the mailbox into this world, also after loading."""
        mailbox = person.mailbox
        mailbox.address, mailbox.name = person.email, person.name
        mailbox.oid, mailbox.tid = person.oid, person.tid
        mailbox.world = self

    def attach_mailboxes(self) -> None:
        for person in self.persons.values():
            self.attach(person)

    def mailbox(self, who: str) -> Mailbox:
        """By oid or address. Raises KeyError."""
        return self.person(who).mailbox

    def set_mailbox_enabled(self, who: str, enabled: bool) -> None:
        """False: no Exchange Online mailbox, or none any more (§11)."""
        with self.changing():
            self.mailbox(who).enabled = enabled

    def throttle(self, who: str, seconds: float) -> None:
        """Every app gets 429 for this mailbox, for so long; who asks sooner prolongs it (L3). 0 ends it."""
        with self.lock:
            self.limits.throttle(self.person(who).oid, seconds, self.now())

    def end_subscription(self, who: str, subscription_id: str) -> None:
        """Microsoft removes it, and says so where a lifecycle address was given (S5)."""
        with self.changing():
            end_subscription(self.mailbox(who), subscription_id)

    def send_lifecycle(self, who: str, kind: str) -> None:
        """kind: reauthorizationRequired, subscriptionRemoved or missed; for every subscription (S5)."""
        with self.changing():
            mailbox = self.mailbox(who)
            for subscription in list(mailbox.subscriptions.values()):
                if kind == "subscriptionRemoved":
                    end_subscription(mailbox, subscription.id)
                else:
                    notices.tell_lifecycle(mailbox, subscription, kind)

    def wait_for_notices(self, timeout_s: float = 10.0) -> None:
        """Until all notifications are delivered or given up. Raises TimeoutError."""
        notices.wait_for_notices(timeout_s)

    def mails(self) -> list[dict[str, object]]:
        """What Exchange would have sent, for all mailboxes."""
        with self.lock:
            return [mail for person in self.persons.values() for mail in person.mailbox.mails]

    def forget_mails(self) -> None:
        with self.changing():
            for person in self.persons.values():
                person.mailbox.mails.clear()
