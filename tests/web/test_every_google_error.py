"""Every row of Google's is caused at the stand-in, and what the person then sees leads to the row.

On Google's pages: what stands there is pasted into LateSync's help page. On the return: LateSync's own page
shows the row. Later, when LateSync renews a sign-in or asks the calendar: Google's answer is looked up.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request

from latesync.consent.google_sign_in import CALENDAR_SCOPE, SCOPES
from latesync.consent.google_tokens import build_credentials
from latesync.consent.oauth_client import OAuthClient
from latesync.read_overview import read_current_client
from latesync.sign_in_troubles import TROUBLES, Actor, Provider, Trouble, find_troubles, trouble_named
from latesync.store.clients import ClientRow
from tests.web.salon import Salon, open_salon, post

DANA = "dana@example.com"
MAIL_APP = "Mozilla/5.0 (Linux; Android 15; wv) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

Cause = Callable[[Salon], object]


def of_client(**settings: object) -> Cause:
    return lambda salon: salon.google.change_client(client_id(salon), **settings)


def of_dana(**settings: object) -> Cause:
    return lambda salon: salon.google.change_user(DANA, **settings)


def fails(path: str, status: int, reason: str, message: str = "", domain: str = "global") -> Cause:
    return lambda salon: salon.google.add_fault(
        "status", path=path, status=status, reason=reason, message=message, domain=domain, times=None
    )


def all_of(*causes: Cause) -> Cause:
    def act(salon: Salon) -> None:
        for cause in causes:
            cause(salon)

    return act


def crowd(salon: Salon) -> None:
    client = salon.google.change_client(client_id(salon), verified=False)
    client.newcomers = [f"{number}@example.test" for number in range(100)]


def client_id(salon: Salon) -> str:
    return list(salon.google.clients)[-1]


def nothing(salon: Salon) -> None:
    pass


# What the person's browser or a careless mail program does to LateSync's address of Google's page.
AGENTS_WAYS = {"disallowed-useragent": MAIL_APP}
CHANGED_PARAMETERS = {
    "invalid-request": {"scope": ""},  # cut on its way
    "origin-mismatch": {"response_type": "token"},  # another program, with the same client
    "invalid-scope": {"scope": "https://www.googleapis.com/auth/nonsense"},
}

ON_GOOGLES_PAGE: dict[str, Cause] = {
    "not-a-tester": of_client(mode="testing"),
    "redirect-uri-mismatch": of_client(redirect_uris=["https://elsewhere.example.com/callback"]),
    "invalid-client": lambda salon: salon.google.remove_client(client_id(salon)),
    "deleted-client": of_client(deleted=True),
    "org-internal": of_client(mode="internal", organisation="salon-linden.example"),
    "admin-policy-enforced": of_dana(admin_blocks=True, organisation="example.com"),
    "user-cap": crowd,
    "unverified-app": all_of(
        of_client(verified=False), lambda salon: salon.google.set_switches(warns_of_unverified_apps=True)
    ),
    "disallowed-useragent": nothing,
    "advanced-protection": all_of(of_dana(advanced_protection=True), of_client(verified=False)),
    "invalid-request": nothing,
    "origin-mismatch": nothing,
    "invalid-scope": nothing,
}
ON_THE_RETURN: dict[str, Cause] = {
    "declined": of_dana(declines=True),
    "calendar-unticked": of_dana(unticks=[CALENDAR_SCOPE]),
    "code-spent": lambda salon: salon.google.set_switches(code_life_s=0),
    "invalid-client": lambda salon: salon.google.rotate_secret(client_id(salon)),
    "redirect-uri-mismatch": fails("/token", 400, "redirect_uri_mismatch", "Bad Request"),
    "deleted-client": fails("/token", 401, "deleted_client", "The OAuth client was deleted."),
    "unauthorized-client": fails("/token", 401, "unauthorized_client", "Unauthorized"),
    "admin-policy-enforced": fails("/token", 400, "admin_policy_enforced"),
    "org-internal": fails("/token", 403, "org_internal"),
    "advanced-protection": fails("/token", 400, "policy_enforced"),
    "invalid-scope": fails("/token", 400, "invalid_scope", "Bad Request"),
    "invalid-request": fails("/token", 400, "unsupported_grant_type"),
    "calendar-api-off": lambda salon: salon.google.set_switches(api_enabled=False),
    "google-unavailable": fails("/token", 503, "temporarily_unavailable"),
}
AT_A_RENEWAL: dict[str, Cause] = {
    "sign-in-ended": lambda salon: salon.google.revoke_grants(DANA),
    "reauthentication": of_dana(needs_reauthentication=True),
    "admin-policy-enforced": of_dana(admin_blocks=True),
    "invalid-client": lambda salon: salon.google.rotate_secret(client_id(salon)),
    "deleted-client": of_client(deleted=True),
}
IN_THE_CALENDAR: dict[str, Cause] = {
    "calendar-api-off": lambda salon: salon.google.set_switches(api_enabled=False),
    "access-token-refused": lambda salon: salon.google.advance(timedelta(hours=2)),
    "too-fast": lambda salon: salon.google.set_switches(quotas=True, quota_per_user_minute=0),
    "calendar-limit": fails(
        "/calendar/", 403, "quotaExceeded", "Calendar usage limits exceeded.", "usageLimits"
    ),
    "daily-limit": fails("/calendar/", 403, "dailyLimitExceeded", "Daily Limit Exceeded", "usageLimits"),
    "google-unavailable": fails("/calendar/", 503, "backendError", "Backend Error"),
}


def row(key: str) -> Trouble:
    found = trouble_named(key)
    assert found is not None
    return found


def words_of(page: str) -> str:
    """What a person would select and copy."""
    body = re.sub(r"<(style|title).*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def googles_page(salon: Salon, client: FlaskClient, key: str = "") -> str:
    """What Google shows after the button was pressed."""
    started = post(client, "/connect/google", page="/connect")
    assert started.status_code == 302, started.text
    address = urlsplit(started.location)
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    query |= {"login_hint": DANA, **CHANGED_PARAMETERS.get(key, {})}
    answer = requests.get(
        address._replace(query=urlencode(query)).geturl(),
        headers={"User-Agent": AGENTS_WAYS.get(key, BROWSER)},
        allow_redirects=False,
        timeout=10,
    )
    assert answer.status_code != 302
    return words_of(answer.text)


def looked_up(client: FlaskClient, text: str) -> str:
    """The first entry the help page shows for a pasted text."""
    answer = post(client, "/sign-in-help", {"text": text})
    assert answer.status_code == 200
    cards = re.findall(r'<section class="card" aria-labelledby="found-.*?</section>', answer.text, re.DOTALL)
    assert cards, "nothing was found"
    return html.unescape(str(cards[0]))


@pytest.mark.parametrize(("key", "cause"), ON_GOOGLES_PAGE.items(), ids=ON_GOOGLES_PAGE)
def test_what_google_shows_is_explained_to_agent_and_owner(salon: Salon, key: str, cause: Cause) -> None:
    salon.upload()
    agent = salon.agent()
    cause(salon)

    shown = googles_page(salon, agent, key)

    assert find_troubles(shown)[0] == row(key), shown
    _fits_agent(looked_up(agent, shown), row(key))
    _fits_owner(salon, looked_up(salon.owner(), shown), row(key))


@pytest.mark.parametrize(("key", "cause"), ON_THE_RETURN.items(), ids=ON_THE_RETURN)
def test_page_after_the_return_shows_the_row_by_itself(salon: Salon, key: str, cause: Cause) -> None:
    salon.upload()
    agent = salon.agent()
    cause(salon)

    answer = salon.sign_in(agent)

    assert answer.status_code >= 400
    entry = re.search(
        rf'<section class="card" aria-labelledby="{key}-title">.*?</section>', answer.text, re.S
    )
    assert entry, words_of(answer.text)
    _fits_agent(html.unescape(entry[0]), row(key))
    assert 'href="/sign-in-help"' in answer.text


@pytest.mark.parametrize(("key", "cause"), AT_A_RENEWAL.items(), ids=AT_A_RENEWAL)
def test_what_google_says_at_a_renewal_is_found(salon: Salon, key: str, cause: Cause) -> None:
    salon.upload()
    salon.connect()
    cause(salon)
    assert find_troubles(renewal(salon))[0] == row(key)


def test_end_after_seven_days_is_found(salon: Salon) -> None:
    salon.upload(mode="testing", test_users=[DANA])
    salon.connect()
    salon.google.advance(timedelta(days=7))
    found = find_troubles(renewal(salon))[0]
    assert found == row("sign-in-ended")
    assert "seven days" in found.meaning


def test_sign_in_of_another_client_is_found(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    salon.google.add_client([])
    assert find_troubles(renewal(salon))[0] == row("unauthorized-client")


def test_permission_that_was_not_given_is_found_at_a_renewal(salon: Salon) -> None:
    salon.upload()
    salon.google.change_user(DANA, unticks=[])
    salon.google.grant(DANA, client_id(salon), [CALENDAR_SCOPE])
    assert find_troubles(renewal(salon, SCOPES))[0] == row("invalid-scope")


@pytest.mark.parametrize(("key", "cause"), IN_THE_CALENDAR.items(), ids=IN_THE_CALENDAR)
def test_what_the_calendar_answers_is_found(salon: Salon, key: str, cause: Cause) -> None:
    salon.upload()
    salon.connect()
    cause(salon)
    assert find_troubles(calendars_answer(salon))[0] == row(key)


def test_permission_that_was_not_given_is_found_in_the_calendar(salon: Salon) -> None:
    salon.upload()
    salon.google.grant(DANA, client_id(salon), ["openid"])
    assert find_troubles(calendars_answer(salon))[0] == row("calendar-unticked")


def test_desktop_client_of_a_hosted_site_is_explained(tmp_path: Path, empty_state: Path) -> None:
    with open_salon(tmp_path, "https://sync.example.com", state=empty_state) as salon:
        salon.upload()
        salon.google.change_client(client_id(salon), kind="installed")
        query = {
            "client_id": client_id(salon),
            "redirect_uri": salon.services.config.google_callback,
            "response_type": "code",
            "scope": CALENDAR_SCOPE,
        }
        address = f"{salon.services.google.authorize}?{urlencode(query)}"
        found = find_troubles(words_of(requests.get(address, timeout=10).text))
        assert found == (row("redirect-uri-mismatch"),)
        assert "Desktop app" in found[0].meaning


def test_change_not_yet_in_effect_is_met_with_waiting(salon: Salon) -> None:
    salon.google.set_switches(settings_take_s=300)
    salon.upload()
    agent = salon.agent()

    shown = googles_page(salon, agent)

    assert find_troubles(shown)[0] == row("invalid-client")
    assert "Wait and try again first" in looked_up(agent, shown)
    assert "Wait and try again first" in looked_up(salon.owner(), shown)
    salon.google.advance(timedelta(minutes=5))
    assert salon.sign_in(agent).status_code == 302


@pytest.mark.parametrize("key", ["redirect-uri-mismatch", "invalid-client"])
def test_waiting_is_advised_first_on_the_return_for_two_hours(salon: Salon, key: str) -> None:
    salon.upload()
    agent = salon.agent()
    ON_THE_RETURN[key](salon)
    assert "Wait and try again first" in salon.sign_in(agent).text
    salon.clock.advance(timedelta(hours=2))
    agent = salon.agent()
    assert "Wait and try again first" not in salon.sign_in(agent).text


def test_error_nobody_knows_is_said_to_be_one_with_its_code(salon: Salon) -> None:
    salon.upload()
    agent = salon.agent()
    state = parse_qs(urlsplit(salon.google_return(agent)).query)["state"][0]
    answer = agent.get(f"/oauth/google/callback?error=strange_new_error&state={state}")
    assert answer.status_code == 400
    assert "An error LateSync does not know" in answer.text
    assert "strange_new_error" in answer.text


def test_every_row_of_googles_is_caused_here() -> None:
    caused = {*ON_GOOGLES_PAGE, *ON_THE_RETURN, *AT_A_RENEWAL, *IN_THE_CALENDAR, "not-yet-in-effect"}
    assert caused == {trouble.key for trouble in TROUBLES if trouble.provider is Provider.GOOGLE}


def renewal(salon: Salon, scopes: tuple[str, ...] = ()) -> str:
    """What the libraries raise when the newest refresh token is used with the newest client."""
    held, newest = client_in_use(salon), salon.google.clients[client_id(salon)]
    secret = held.client_secret if held.client_id == newest.id else newest.secrets[0]
    token = list(salon.google.refresh_tokens)[-1]
    oauth = OAuthClient(newest.id, secret)
    with pytest.raises(RefreshError) as raised:
        build_credentials(salon.services.google, oauth, token, scopes).refresh(Request())  # type: ignore[no-untyped-call]
    return str(raised.value)


def calendars_answer(salon: Salon) -> str:
    token = list(salon.google.access_tokens)[-1]
    answer = requests.get(
        f"{salon.services.google.api}users/me/calendarList",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.status_code >= 400
    return answer.text


def _fits_agent(entry: str, trouble: Trouble) -> None:
    """An agent reads their own steps, or what to send to whom."""
    assert trouble.title in entry
    steps, _, others = entry.partition("What they will do")
    if trouble.actor in (Actor.AGENT, Actor.NOBODY):
        assert trouble.steps[0].text in steps
        assert not others
    else:
        assert "Send this to them" in steps
        assert trouble.steps[0].text in others
    assert "/oauth/google/callback" not in entry


def _fits_owner(salon: Salon, entry: str, trouble: Trouble) -> None:
    """The owner reads what to click, with the lines to paste."""
    steps, _, others = entry.partition("What they will do")
    is_theirs = trouble.actor is not Actor.AGENT
    assert trouble.steps[0].text in (steps if is_theirs else others)
    wanted = {step.paste.value for step in trouble.steps if step.paste}
    if "redirect_uri" in wanted:
        assert salon.services.config.google_callback in entry
    if "client_id" in wanted:
        assert client_in_use(salon).client_id in entry


def client_in_use(salon: Salon) -> ClientRow:
    client = read_current_client(salon.services, provider="google")
    assert client is not None
    return client
