"""Microsoft accounts (microsoft-graph.md H4, H5)."""

import uuid
from dataclasses import dataclass, field

from .graph_state import Mailbox

PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"  # H4


@dataclass
class Person:
    """An account. What the person would do at the sign-in page, and what befalls them, is kept here too.

    kind: "work" or "personal"; a personal one belongs to the tenant of H4.
    refusal: name of a row of refusals.REFUSALS, which answers every refresh of this person until cleared.
    """

    oid: str
    tid: str
    email: str
    name: str
    kind: str = "work"
    auto_consent: bool = False
    declines: bool = False
    admin_consent_needed: bool = False  # 90094
    refusal: str = ""
    claims_challenge: str = (
        ""  # CAE: Graph answers 401 with these claims until a token is asked for with them
    )
    mailbox: Mailbox = field(default_factory=Mailbox)

    @property
    def is_personal(self) -> bool:
        return self.kind == "personal"

    @property
    def key(self) -> str:
        """What MSAL calls home_account_id (H5)."""
        return f"{self.oid}.{self.tid}"


def new_oid(kind: str, number: int) -> str:
    """Personal accounts have an id of sixteen digits behind zeros."""
    if kind == "personal":
        return f"00000000-0000-0000-{uuid.uuid4().hex[:4]}-{number:012x}"
    return str(uuid.uuid4())
