"""Whether Microsoft knows the app, asked without anybody's consent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from latesync.consent.client_test import Verdict, ask_about_client
from latesync.consent.oauth_client import OAuthClient
from latesync.sandbox.tls import Certificate
from tests.consent.microsoft import CALLBACK, Microsoft, microsoft_standing_in


def answer(microsoft: Microsoft, client: OAuthClient | None = None) -> tuple[Verdict, str]:
    return ask_about_client(microsoft.endpoints, client or microsoft.client, CALLBACK)


def test_right_client_is_accepted_and_nothing_is_granted(microsoft: Microsoft) -> None:
    """microsoft-graph.md §5: the code is judged after the client."""
    assert answer(microsoft)[0] is Verdict.ACCEPTED
    assert not microsoft.world.refresh_tokens
    assert not microsoft.world.access_tokens


def test_stand_in_behind_tls_is_asked_alike() -> None:
    with microsoft_standing_in(Certificate()) as microsoft:
        assert answer(microsoft)[0] is Verdict.ACCEPTED


def test_secret_s_id_in_place_of_its_value_is_refused(microsoft: Microsoft) -> None:
    """microsoft-graph.md M1."""
    pasted = replace(microsoft.client, client_secret=microsoft.registered["secret_id"])
    assert answer(microsoft, pasted) == (Verdict.REFUSED, "AADSTS7000215")


def test_expired_secret_is_refused_by_its_own_number(microsoft: Microsoft) -> None:
    microsoft.world.end_secrets(microsoft.client.client_id)
    assert answer(microsoft) == (Verdict.REFUSED, "AADSTS7000222")


def test_app_for_the_public_takes_no_secret(microsoft: Microsoft) -> None:
    """microsoft-graph.md M5."""
    microsoft.world.change_client(microsoft.client.client_id, platform="public")
    verdict, word = answer(microsoft)
    assert verdict is Verdict.REFUSED
    assert word.startswith("AADSTS")


def test_wrong_application_id_is_refused(microsoft: Microsoft) -> None:
    wrong = replace(microsoft.client, client_id="11111111-aaaa-4bbb-8ccc-222222222222")
    assert answer(microsoft, wrong) == (Verdict.REFUSED, "AADSTS700016")


def test_unknown_tenant_is_refused(microsoft: Microsoft) -> None:
    wrong = replace(microsoft.client, tenant="11111111-aaaa-4bbb-8ccc-222222222222")
    assert answer(microsoft, wrong) == (Verdict.REFUSED, "AADSTS90002")


def test_ids_that_were_swapped_are_refused(microsoft: Microsoft) -> None:
    tenant, client_id = microsoft.registered["tenant_id"], microsoft.client.client_id
    swapped = OAuthClient(tenant, microsoft.client.client_secret, client_id)
    assert answer(microsoft, swapped) == (Verdict.REFUSED, "AADSTS90002")


@pytest.mark.parametrize(
    ("audience", "tenant", "word"),
    [
        ("AzureADMyOrg", "common", "AADSTS50194"),
        ("PersonalMicrosoftAccount", "organizations", "AADSTS9002331"),
        ("AzureADMultipleOrgs", "consumers", "AADSTS9002332"),
    ],
)
def test_kind_of_accounts_that_does_not_fit_is_refused(
    microsoft: Microsoft, audience: str, tenant: str, word: str
) -> None:
    """microsoft-graph.md H2."""
    microsoft.world.change_client(microsoft.client.client_id, audience=audience)
    assert answer(microsoft, replace(microsoft.client, tenant=tenant)) == (Verdict.REFUSED, word)


@pytest.mark.parametrize("kind", ["drop", "garbage", "status"])
def test_answer_that_tells_nothing_is_no_verdict(microsoft: Microsoft, kind: str) -> None:
    microsoft.world.add_fault(kind, path="/token", status=503, times=None)
    assert answer(microsoft) == (Verdict.UNKNOWN, "")
