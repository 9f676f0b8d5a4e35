"""The owner's ways in: set-up link, password, one-time link; and out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from latesync.consent.links import make_link_token, make_setup_token
from latesync.consent.passwords import LEAST_LENGTH, hash_password, is_password
from latesync.errors import WrongInput
from latesync.store.people import count_admins, find_admin, set_password_hash
from latesync.web.owner_link import make_owner_link
from tests.web.salon import DANA, OWNER, PASSWORD, Salon, post

FORM = {"email": OWNER, "password": PASSWORD, "again": PASSWORD}


def setup_path(salon: Salon) -> str:
    token = make_setup_token(salon.services.secret_key, salon.services.site_id, now=salon.clock())
    return f"/setup/{token}"


def owner_path(salon: Salon) -> str:
    return make_owner_link(salon.services, salon.clock()).removeprefix(salon.services.config.base_url)


def test_set_up_link_makes_the_owner_and_lets_them_in(salon: Salon) -> None:
    client = salon.visitor()
    answer = post(client, setup_path(salon), FORM)
    assert answer.location == "/start"
    assert "Welcome" in client.get("/start", follow_redirects=True).text


def test_looking_where_a_one_time_link_leads_does_not_use_it_up(salon: Salon) -> None:
    path = owner_path(salon)
    assert salon.visitor().head(path).status_code == 405
    assert salon.visitor().get(path).status_code == 302


def test_set_up_link_is_useless_once_there_is_an_owner(salon: Salon) -> None:
    path = setup_path(salon)
    client = salon.visitor()
    post(client, path, FORM)
    assert salon.visitor().get(path).status_code == 410
    page = client.get("/").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    late = client.post(path, data={**FORM, "email": "second@example.com", "csrf_token": token})
    assert late.status_code == 410
    assert count_admins(salon.services.database) == 1


def test_set_up_link_expires_within_days(salon: Salon) -> None:
    path = setup_path(salon)
    salon.clock.advance(timedelta(days=2))
    assert salon.visitor().get(path).status_code == 410


def test_personal_link_does_not_pass_as_a_set_up_link(salon: Salon) -> None:
    token = make_link_token(salon.services.secret_key, salon.services.site_id, 1, 1, now=salon.clock())
    assert salon.visitor().get(f"/setup/{token}").status_code == 410


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"password": "short", "again": "short"}, "too short"),
        ({"again": "something else here"}, "not the same"),
        ({"email": "nobody"}, "not an e-mail address"),
        ({"email": "two words@salon.example"}, "not an e-mail address"),
    ],
)
def test_unusable_set_up_is_explained_and_keeps_the_address(
    salon: Salon, form: dict[str, str], sentence: str
) -> None:
    answer = post(salon.visitor(), setup_path(salon), {**FORM, **form})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{form.get("email", OWNER)}"' in answer.text
    assert count_admins(salon.services.database) == 0


def test_without_an_owner_the_sign_in_page_tells_how_to_make_one(salon: Salon) -> None:
    page = salon.visitor().get("/sign-in").text
    assert "latesync admin create" in page
    assert 'type="password"' not in page


def test_front_page_asks_to_sign_in(salon: Salon) -> None:
    assert salon.visitor().get("/").location == "/sign-in"


def test_wrong_password_and_unknown_address_look_alike(salon: Salon) -> None:
    salon.make_owner()
    wrong = post(salon.visitor(), "/sign-in", {"email": OWNER, "password": "wrong wrong wrong"})
    unknown = post(salon.visitor(), "/sign-in", {"email": "x@example.com", "password": PASSWORD})
    assert wrong.status_code == unknown.status_code == 401
    assert "is wrong" in wrong.text
    assert "is wrong" in unknown.text


def test_address_is_taken_in_any_spelling(salon: Salon) -> None:
    salon.make_owner()
    answer = post(salon.visitor(), "/sign-in", {"email": f" {OWNER.upper()} ", "password": PASSWORD})
    assert answer.status_code == 302


def test_signing_in_leads_to_the_unfinished_set_up_until_somebody_is_connected(salon: Salon) -> None:
    salon.make_owner()
    form = {"email": OWNER, "password": PASSWORD}
    assert post(salon.visitor(), "/sign-in", form).location == "/start"
    salon.upload()
    salon.connect(DANA)
    assert post(salon.visitor(), "/sign-in", form).location == "/"


def test_guessing_is_stopped_after_ten_attempts(salon: Salon) -> None:
    salon.make_owner()
    client = salon.visitor()
    form = {"email": OWNER, "password": "wrong wrong wrong"}
    assert [post(client, "/sign-in", form).status_code for _ in range(10)] == [401] * 10
    answer = post(client, "/sign-in", {"email": OWNER, "password": PASSWORD})
    assert answer.status_code == 429
    assert "Wait a minute" in answer.text


def test_changed_password_ends_the_session(salon: Salon) -> None:
    client = salon.owner()
    admin = find_admin(salon.services.database, OWNER)
    assert admin is not None
    set_password_hash(salon.services.database, admin.id, hash_password("another good password"))
    assert client.get("/").location == "/sign-in"


def test_owners_session_ends_after_a_working_day(salon: Salon) -> None:
    client = salon.owner()
    salon.clock.advance(timedelta(hours=12))
    assert client.get("/").location == "/sign-in"


def test_signing_out_ends_the_session(salon: Salon) -> None:
    client = salon.owner()
    assert "You are signed out" in post(client, "/sign-out", page="/").text
    assert client.get("/").location == "/sign-in"


def test_one_time_link_opens_the_owners_pages_once(salon: Salon) -> None:
    path = owner_path(salon)
    client = salon.visitor()
    assert client.get(path).location == "/"
    assert client.get("/").status_code == 200
    second = salon.visitor().get(path)
    assert second.status_code == 410
    assert "no longer works" in second.text


def test_one_time_link_expires_and_is_replaced_by_a_newer_one(salon: Salon) -> None:
    old, new = owner_path(salon), owner_path(salon)
    assert salon.visitor().get(old).status_code == 410
    salon.clock.advance(timedelta(minutes=11))
    assert salon.visitor().get(new).status_code == 410


def test_session_of_a_one_time_link_cannot_be_made_without_one(salon: Salon) -> None:
    assert salon.visitor().get("/sign-in/guess").status_code == 410


def test_password_is_kept_as_argon2id_and_checked() -> None:
    kept = hash_password(PASSWORD)
    assert kept.startswith("$argon2id$")
    assert is_password(kept, PASSWORD)
    assert not is_password(kept, PASSWORD + "!")
    assert not is_password(None, PASSWORD)


@pytest.mark.parametrize("password", ["x" * (LEAST_LENGTH - 1), "x" * 257])
def test_unusable_password_is_refused(password: str) -> None:
    with pytest.raises(WrongInput, match="Take at"):
        hash_password(password)
