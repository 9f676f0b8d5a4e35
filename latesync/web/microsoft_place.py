"""What the pages about Microsoft's admin center show: lines to paste, and the form as it was filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from flask import request

from latesync.consent.microsoft_callback import check_microsoft_callback
from latesync.consent.microsoft_client import FormMistakes, MicrosoftClientForm
from latesync.messages import Message
from latesync.plan.secrets import secret_stage
from latesync.sentences import microsoft_page_sentences as sentences
from latesync.store.clients import ClientRow
from latesync.times import day_in
from latesync.web.context import now, services, zone

NO_MISTAKES: Mapping[str, list[str]] = {}


@dataclass(frozen=True, slots=True)
class MicrosoftPlace:
    """address_problems: why Microsoft would refuse our address, each with its remedy.

    account_types: (value, in our words, in Microsoft's) of each.
    """

    callback: str
    address_problems: tuple[str, ...]
    account_types: tuple[tuple[str, Message, str], ...]
    permissions: tuple[str, ...] = sentences.PERMISSIONS


def microsoft_place() -> MicrosoftPlace:
    config = services().config
    problems = () if config.microsoft_base_url else check_microsoft_callback(config.microsoft_callback)
    kinds = (
        (kind.value, words, sentences.ACCOUNT_TYPES_ON_MICROSOFTS_PAGE[kind])
        for kind, words in sentences.ACCOUNT_TYPES.items()
    )
    return MicrosoftPlace(config.microsoft_callback, tuple(problems), tuple(kinds))


def typed_form() -> MicrosoftClientForm:
    """What the request's form holds."""
    names = ("client_id", "tenant", "account_type", "secret", "secret_ends_on")
    return MicrosoftClientForm(**{name: request.form.get(name, "") for name in names})


def form_values(
    client: ClientRow | None, typed: MicrosoftClientForm | None, mistakes: FormMistakes | None
) -> dict[str, object]:
    """What the template's form shows: what was typed just now, else what is stored; never a secret."""
    today, ends_on = _today(), client.secret_ends_on if client else None
    is_ending = client is not None and _is_ending(ends_on, today)
    return {
        "typed": _without_secret(typed or _stored(client)),
        "mistakes": mistakes.by_field if mistakes else NO_MISTAKES,
        "secret_again": bool(mistakes and typed and typed.secret and "secret" not in mistakes.by_field),
        "place": microsoft_place(),
        "words": sentences,
        "ends": sentences.secret_end(ends_on, today) if client else "",
        "secret_title": sentences.secret_title(ends_on, today) if client else "",
        "renew": sentences.renew(ends_on, today, is_ending=is_ending) if client else "",
        "is_ending": is_ending,
    }


def _stored(client: ClientRow | None) -> MicrosoftClientForm:
    if client is None:
        return MicrosoftClientForm()
    kind, ends_on = client.account_type, client.secret_ends_on
    return MicrosoftClientForm(
        client.client_id,
        client.tenant or "",
        kind.value if kind else "",
        secret_ends_on=ends_on.isoformat() if ends_on else "",
    )


def _without_secret(form: MicrosoftClientForm) -> Mapping[str, str]:
    return {name: value for name, value in asdict(form).items() if name != "secret"}


def _is_ending(ends_on: date | None, today: date) -> bool:
    return ends_on is None or secret_stage(ends_on, today) is not None


def _today() -> date:
    return day_in(now(), zone())
