"""The app registration at Microsoft, from what the owner types to the client in use.

There is no file to download as at Google (microsoft-graph.md M1), so the form is where every mistake is said:
else it would show on Microsoft's own pages, to agents.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta

from latesync.consent.flow import ConsentDesk
from latesync.consent.providers import MICROSOFT
from latesync.consent.replacing import current_of, let_stopped_try, look_at_client
from latesync.errors import SecretUnreadable, WrongInput
from latesync.options import AccountType
from latesync.plan.client_replacement import ClientReplacement
from latesync.sentences import microsoft_client_sentences as sentences
from latesync.store.client_uploads import forget_upload, keep_upload, read_upload
from latesync.store.clients import ClientRow, read_client, record_client

LONGEST_SECRET = 255  # characters: Microsoft's have forty
LONGEST_LIFE = timedelta(days=2 * 366 + 1)  # M2: 24 months, in whatever zone the owner counts them
ENDS_SOON = timedelta(days=30)

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DOMAIN = re.compile(r"(?=.{4,64}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_TENANT_WORDS = frozenset({"common", "organizations", "consumers"})  # H1
_OF_ONE_TENANT = frozenset({AccountType.ANY, AccountType.ANY_AND_PERSONAL})


@dataclass(frozen=True, slots=True)
class MicrosoftClientForm:
    """What was typed, as it was typed. secret: "" keeps the one that is stored with this client ID."""

    client_id: str = ""
    tenant: str = ""
    account_type: str = ""
    secret: str = field(repr=False, default="")
    secret_ends_on: str = ""


@dataclass(frozen=True, slots=True)
class MicrosoftClient:
    """A usable registration. warnings: sentences for the owner; nothing in them stops anybody."""

    client_id: str
    tenant: str | None
    account_type: AccountType
    secret: str = field(repr=False)
    secret_ends_on: date | None
    warnings: tuple[str, ...] = ()


class FormMistakes(WrongInput):
    """The form cannot be taken; by_field has every mistake beside the field it is in, as sentences."""

    def __init__(self, found: list[tuple[str, str]]) -> None:
        super().__init__(sentences.all_mistakes([code for _, code in found]))
        self.codes = tuple(code for _, code in found)
        self.by_field: dict[str, list[str]] = {}
        for name, code in found:
            self.by_field.setdefault(name, []).append(sentences.mistake(code))


def check_microsoft_client(
    form: MicrosoftClientForm, *, today: date, kept_secret: str = ""
) -> MicrosoftClient:
    """The registration that was typed in.

    kept_secret: the one stored with this client ID, which an empty field leaves.
    Raises FormMistakes with every mistake at once.
    """
    typed = _tidied(form)
    secret = typed.secret or kept_secret
    found = [*_id_mistakes(typed), *_secret_mistakes(typed, secret), *_end_mistakes(typed, today)]
    if found:
        raise FormMistakes(found)
    kind = AccountType(typed.account_type)
    ends_on = _date(typed.secret_ends_on)
    warnings = tuple(_warnings(typed.tenant, kind, ends_on, today))
    return MicrosoftClient(typed.client_id, typed.tenant or None, kind, secret, ends_on, warnings)


def read_form(desk: ConsentDesk, form: MicrosoftClientForm) -> MicrosoftClient:
    """Raises FormMistakes."""
    kept = _kept_secret(desk, _tidied(form).client_id)
    return check_microsoft_client(form, today=desk.clock().date(), kept_secret=kept)


def look_at_microsoft_client(desk: ConsentDesk, client: MicrosoftClient) -> ClientReplacement:
    """What taking it would change; nothing is changed.

    A new secret of the same client signs nobody out: sign-ins belong to person and client (M3).
    """
    return look_at_client(
        desk, MICROSOFT, client.client_id, None, lambda current: _says_the_same(desk, current, client)
    )


def take_microsoft_client(desk: ConsentDesk, client: MicrosoftClient) -> None:
    """Use this client for new sign-ins, and let whom the old one stopped try again at once."""
    now = desk.clock()
    client_ref = record_client(
        desk.database,
        desk.box,
        desk.site_id,
        MICROSOFT,
        client.client_id,
        client.secret,
        None,
        (),
        now,
        tenant=client.tenant,
        account_type=client.account_type,
        secret_ends_on=client.secret_ends_on,
    )
    let_stopped_try(desk, MICROSOFT, client_ref, now)


def keep_microsoft_for_a_yes(desk: ConsentDesk, client: MicrosoftClient) -> str:
    """Keep it, sealed, for an hour; returns the random name under which it is found."""
    form = MicrosoftClientForm(
        client.client_id,
        client.tenant or "",
        client.account_type.value,
        client.secret,
        client.secret_ends_on.isoformat() if client.secret_ends_on else "",
    )
    text = json.dumps(asdict(form))
    return keep_upload(desk.database, desk.box, desk.site_id, MICROSOFT, text, desk.clock())


def read_kept_microsoft(desk: ConsentDesk, upload_id: str) -> MicrosoftClient | None:
    """None when it is too old, answered already or unknown. Raises FormMistakes as when it was typed in."""
    try:
        text = read_upload(desk.database, desk.box, desk.site_id, upload_id, desk.clock())
        form = None if text is None else MicrosoftClientForm(**json.loads(text))
    except (SecretUnreadable, ValueError, TypeError):  # sealed with a key that is gone; not one of ours
        return None
    return None if form is None else read_form(desk, form)


def take_kept_microsoft(desk: ConsentDesk, upload_id: str) -> ClientReplacement | None:
    """The owner's yes; what was done, None when it is no longer there. Raises FormMistakes."""
    client = read_kept_microsoft(desk, upload_id)
    if client is None or not forget_upload(desk.database, desk.site_id, upload_id):
        return None
    replacement = look_at_microsoft_client(desk, client)
    take_microsoft_client(desk, client)
    return replacement


def _tidied(form: MicrosoftClientForm) -> MicrosoftClientForm:
    """Without what copying leaves around the values; IDs and domains are the same in small letters."""
    return MicrosoftClientForm(
        form.client_id.strip().casefold(),
        form.tenant.strip().casefold(),
        form.account_type.strip(),
        form.secret.strip(),
        form.secret_ends_on.strip(),
    )


def _id_mistakes(typed: MicrosoftClientForm) -> Iterator[tuple[str, str]]:
    if not typed.client_id:
        yield "client_id", "client_id_missing"
    elif not _GUID.fullmatch(typed.client_id):
        yield "client_id", "client_id_form"
    if typed.tenant in _TENANT_WORDS:
        yield "tenant", "tenant_word"
    elif typed.tenant and not (_GUID.fullmatch(typed.tenant) or _DOMAIN.fullmatch(typed.tenant)):
        yield "tenant", "tenant_form"
    elif typed.tenant and typed.tenant == typed.client_id:
        yield "tenant", "same_ids"
    if typed.account_type not in list(AccountType):
        yield "account_type", "account_type"
    elif typed.account_type == AccountType.SINGLE and not typed.tenant:
        yield "tenant", "tenant_needed"
    elif typed.account_type == AccountType.PERSONAL and typed.tenant:
        yield "tenant", "tenant_not_for_personal"


def _secret_mistakes(typed: MicrosoftClientForm, secret: str) -> Iterator[tuple[str, str]]:
    if not secret:
        yield "secret", "secret_missing"
    elif secret.casefold() in (typed.client_id, typed.tenant):
        yield "secret", "secret_is_an_id"
    elif _GUID.fullmatch(secret.casefold()):  # M1: the column beside it
        yield "secret", "secret_is_id"
    elif any(sign.isspace() for sign in secret):
        yield "secret", "secret_blanks"
    elif len(secret) > LONGEST_SECRET or not (secret.isascii() and secret.isprintable()):
        yield "secret", "secret_form"


def _end_mistakes(typed: MicrosoftClientForm, today: date) -> Iterator[tuple[str, str]]:
    ends_on = _date(typed.secret_ends_on)
    if ends_on is None:
        if typed.secret_ends_on:
            yield "secret_ends_on", "ends_form"
    elif ends_on < today:
        yield "secret_ends_on", "ends_past"
    elif ends_on > today + LONGEST_LIFE:
        yield "secret_ends_on", "ends_far"


def _warnings(tenant: str, kind: AccountType, ends_on: date | None, today: date) -> Iterator[str]:
    if ends_on is None:
        yield sentences.warning("no_end")
    elif ends_on - today <= ENDS_SOON:
        yield sentences.warning("ends_soon", ends_on)
    if tenant and kind in _OF_ONE_TENANT:
        yield sentences.warning("tenant_limits")


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _kept_secret(desk: ConsentDesk, client_id: str) -> str:
    current = current_of(desk, MICROSOFT)
    if current is None or current.client_id != client_id:
        return ""
    try:
        return read_client(desk.database, desk.box, current.id).client_secret
    except SecretUnreadable:
        return ""  # it has to be typed in anew, and that mends it


def _says_the_same(desk: ConsentDesk, current: ClientRow, client: MicrosoftClient) -> bool:
    kept = (current.client_id, current.tenant, current.account_type, current.secret_ends_on)
    typed = (client.client_id, client.tenant, client.account_type, client.secret_ends_on)
    return kept == typed and _kept_secret(desk, client.client_id) == client.secret
