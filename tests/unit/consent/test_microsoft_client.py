"""The form for the app registration at Microsoft: what is taken, and every mistake by its name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from latesync.consent.microsoft_client import (
    FormMistakes,
    MicrosoftClientForm,
    check_microsoft_client,
)
from latesync.consent.oauth_client import tenant_path
from latesync.options import AccountType

TODAY = date(2026, 11, 2)
CLIENT_ID = "11111111-aaaa-4bbb-8ccc-222222222222"
TENANT = "99999999-dddd-4eee-8fff-333333333333"
SECRET = "abc8Q~0123456789.-_~abcdefghijklmnopqrst"
FORM = MicrosoftClientForm(CLIENT_ID, TENANT, "single", SECRET, "2027-05-31")


def mistakes(kept_secret: str = "", **changes: str) -> tuple[str, ...]:
    with pytest.raises(FormMistakes) as caught:
        check_microsoft_client(replace(FORM, **changes), today=TODAY, kept_secret=kept_secret)
    assert SECRET not in str(caught.value)
    assert sum(len(found) for found in caught.value.by_field.values()) == len(caught.value.codes)
    return caught.value.codes


def test_what_the_portal_shows_is_taken() -> None:
    """microsoft-graph.md M1."""
    client = check_microsoft_client(FORM, today=TODAY)
    assert (client.client_id, client.tenant, client.secret) == (CLIENT_ID, TENANT, SECRET)
    assert client.account_type is AccountType.SINGLE
    assert client.secret_ends_on == date(2027, 5, 31)
    assert client.warnings == ()
    assert SECRET not in repr(client)
    assert SECRET not in repr(FORM)


def test_what_copying_leaves_around_the_values_is_taken_off() -> None:
    typed = MicrosoftClientForm(
        f" {CLIENT_ID.upper()}\n", f"\t{TENANT.upper()} ", "single", f"{SECRET}\r\n", " 2027-05-31 "
    )
    assert check_microsoft_client(typed, today=TODAY) == check_microsoft_client(FORM, today=TODAY)


@pytest.mark.parametrize("tenant", ["contoso.onmicrosoft.com", "salon-linden.de", "Contoso.COM"])
def test_domain_is_as_good_as_an_id(tenant: str) -> None:
    client = check_microsoft_client(replace(FORM, tenant=tenant), today=TODAY)
    assert client.tenant == tenant.casefold()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_id": ""}, "client_id_missing"),
        ({"client_id": "LateSync"}, "client_id_form"),
        ({"client_id": f"{CLIENT_ID}0"}, "client_id_form"),
        ({"tenant": "contoso"}, "tenant_form"),
        ({"tenant": "https://contoso.com"}, "tenant_form"),
        ({"tenant": "common"}, "tenant_word"),
        ({"tenant": ""}, "tenant_needed"),
        ({"tenant": CLIENT_ID}, "same_ids"),
        ({"account_type": "personal"}, "tenant_not_for_personal"),
        ({"account_type": ""}, "account_type"),
        ({"account_type": "AzureADMyOrg"}, "account_type"),
        ({"secret": ""}, "secret_missing"),
        ({"secret": "12345678-1234-4234-8234-123456789abc"}, "secret_is_id"),
        ({"secret": CLIENT_ID}, "secret_is_an_id"),
        ({"secret": TENANT.upper()}, "secret_is_an_id"),
        ({"secret": "abc 8Q~def"}, "secret_blanks"),
        ({"secret": "abc\n8Q~def"}, "secret_blanks"),
        ({"secret": "●●●●●●●●"}, "secret_form"),
        ({"secret": "x" * 256}, "secret_form"),
        ({"secret_ends_on": "31.5.2027"}, "ends_form"),
        ({"secret_ends_on": "2026-11-01"}, "ends_past"),
        ({"secret_ends_on": "2028-12-01"}, "ends_far"),
    ],
)
def test_every_mistake_is_named(changes: dict[str, str], code: str) -> None:
    """microsoft-graph.md M1, M2, H2."""
    assert mistakes(**changes) == (code,)


def test_all_mistakes_are_said_at_once() -> None:
    found = mistakes(client_id="x", tenant="y", account_type="z", secret="", secret_ends_on="soon")
    assert found == ("client_id_form", "tenant_form", "account_type", "secret_missing", "ends_form")


@pytest.mark.parametrize("days", [0, 1, 730])
def test_secret_of_at_most_two_years_is_taken(days: int) -> None:
    """microsoft-graph.md M2."""
    ends_on = TODAY + timedelta(days=days)
    client = check_microsoft_client(replace(FORM, secret_ends_on=ends_on.isoformat()), today=TODAY)
    assert client.secret_ends_on == ends_on


def test_stored_secret_stays_where_the_field_is_empty() -> None:
    """Microsoft shows a value once; another expiry date must not need a new secret."""
    client = check_microsoft_client(replace(FORM, secret=""), today=TODAY, kept_secret=SECRET)
    assert client.secret == SECRET


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"secret_ends_on": ""}, "cannot warn you"),
        ({"secret_ends_on": "2026-11-20"}, "20 November 2026"),
        ({"account_type": "any"}, "only this organisation"),
    ],
)
def test_what_will_matter_later_is_a_warning(changes: dict[str, str], part: str) -> None:
    (warning,) = check_microsoft_client(replace(FORM, **changes), today=TODAY).warnings
    assert part in warning


@pytest.mark.parametrize(
    ("tenant", "kind", "path"),
    [
        (TENANT, AccountType.ANY_AND_PERSONAL, TENANT),
        (None, AccountType.ANY, "organizations"),
        (None, AccountType.ANY_AND_PERSONAL, "common"),
        (None, AccountType.PERSONAL, "consumers"),
        (None, None, "common"),
    ],
)
def test_who_may_sign_in_stands_in_the_address(
    tenant: str | None, kind: AccountType | None, path: str
) -> None:
    """microsoft-graph.md H1, H2."""
    assert tenant_path(tenant, kind) == path
