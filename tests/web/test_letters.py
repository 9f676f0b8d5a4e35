"""The owner's own wording of the mails: choosing, editing, looking, saving, going back."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from latesync.notify.templates import Template, default_template, template_from_json
from latesync.store.choices import read_mail_template
from tests.web.salon import DANA, Salon, post

OWN = {
    "step": "ended",
    "language": "de",
    "subject": "Hallo {{agent_first_name}}",
    "body": "Bitte.\r\n\r\n{{waiting}}.",
}
EVERY_BUTTON = pytest.mark.parametrize("path", ["", "/preview", "/standard"])


def press(client: FlaskClient, path: str = "", **changes: str) -> TestResponse:
    page = "/settings/letters?step=ended&language=de"
    return post(client, f"/settings/letters{path}", {**OWN, **changes}, page=page)


def kept(salon: Salon, name: str = "ended.de") -> Template | None:
    return template_from_json(read_mail_template(salon.services.database, salon.services.site_id, name))


def shown(answer: TestResponse) -> str:
    return unescape(answer.text)


def test_the_page_begins_with_the_standard_text(salon: Salon) -> None:
    owner = salon.owner()
    assert 'href="/settings/letters"' in owner.get("/settings").text
    page = shown(owner.get("/settings/letters?step=still_waiting&language=fr"))
    standard = default_template("still_waiting", "fr")
    assert standard.subject in page
    assert standard.body in page
    assert "standard text" in page
    assert "Back to the standard text" not in page
    assert "{{agent_first_name}}" in page
    assert "how many bookings wait" in page


@pytest.mark.parametrize("query", ["", "?step=gone&language=tlh", "?step=&language="])
def test_what_there_is_not_leads_to_the_first_letter(salon: Salon, query: str) -> None:
    page = shown(salon.owner().get(f"/settings/letters{query}"))
    assert default_template("invitation", "en").subject in page


def test_the_owners_words_are_kept_for_that_letter_and_language_only(salon: Salon) -> None:
    owner = salon.owner()
    answer = press(owner)
    assert answer.location == "/settings/letters?step=ended&language=de"
    assert kept(salon) == Template("Hallo {{agent_first_name}}", "Bitte.\n\n{{waiting}}.")
    page = shown(owner.get(answer.location))
    assert "Saved" in page
    assert "Hallo {{agent_first_name}}" in page
    assert "your own text" in page
    assert kept(salon, "ended.en") is kept(salon, "one_day.de") is None


def test_the_standard_text_comes_back(salon: Salon) -> None:
    owner = salon.owner()
    press(owner)
    answer = press(owner, "/standard", body="not even looked at {{x}}")
    assert kept(salon) is None
    page = shown(owner.get(answer.location))
    assert "The standard text is back" in page
    assert default_template("ended", "de").body in page


def test_our_own_words_are_not_kept_as_the_owners(salon: Salon) -> None:
    owner, standard = salon.owner(), default_template("ended", "de")
    press(owner)
    press(owner, subject=standard.subject, body=standard.body.replace("\n", "\r\n"))
    assert kept(salon) is None


@pytest.mark.parametrize("path", ["", "/preview"])
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"body": "Mit {{customer_name}} <b>wichtig</b>"}, "There is no variable {{customer_name}}"),
        ({"body": " \r\n "}, "The text is empty"),
        ({"subject": ""}, "The subject is empty"),
    ],
)
def test_a_mistake_is_explained_and_nothing_typed_is_lost(
    salon: Salon, path: str, changes: dict[str, str], sentence: str
) -> None:
    answer = press(salon.owner(), path, **changes)
    assert answer.status_code == 422
    page = shown(answer)
    assert sentence in page
    for typed in {**OWN, **changes}.values():
        assert typed.strip().replace("\r\n", "\n") in page
    assert "<b>wichtig" not in answer.text
    assert kept(salon) is None


def test_a_preview_shows_the_letter_and_saves_nothing(salon: Salon) -> None:
    answer = press(salon.owner(), "/preview")
    page = shown(answer)
    assert '<dd lang="de">Hallo Dana</dd>' in page
    assert page.count("3 Buchungen stehen noch nicht in Ihrem Kalender.") == 2
    assert "Salon Linden" in page
    assert 'value="Hallo {{agent_first_name}}"' in page
    assert kept(salon) is None


@pytest.mark.parametrize(
    "step", ["invitation", "two_days", "one_day", "ended", "still_waiting", "new_client"]
)
def test_every_letter_can_be_looked_at(salon: Salon, step: str) -> None:
    standard = default_template(step, "it")
    answer = press(
        salon.owner(), "/preview", step=step, language="it", subject=standard.subject, body=standard.body
    )
    assert "Buongiorno Dana," in shown(answer)
    assert "con Google</a>" in shown(answer)


def test_markup_in_a_wording_stays_text_also_in_the_preview(salon: Salon) -> None:
    evil = "</textarea><script>alert(1)</script>"
    answer = press(salon.owner(), "/preview", body=evil, subject='"><img src=x>')
    assert "<script>" not in answer.text.replace('<script src="', "")
    assert "<img" not in answer.text
    assert "&lt;script&gt;alert(1)" in unescape(answer.text)  # what the frame gets is escaped once more


def test_only_the_preview_may_style_itself_and_nothing_may_run_in_it(salon: Salon) -> None:
    owner = salon.owner()
    usual = owner.get("/settings/letters").headers["Content-Security-Policy"]
    preview = press(owner, "/preview")
    assert "unsafe-inline" not in usual
    policy = preview.headers["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src" not in policy
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert '<iframe class="letter" sandbox ' in preview.text


@EVERY_BUTTON
def test_a_letter_there_is_not_is_refused(salon: Salon, path: str) -> None:
    owner = salon.owner()
    for changes in ({"step": "gone"}, {"language": "tlh"}):
        assert press(owner, path, **changes).status_code == 400


@EVERY_BUTTON
def test_only_the_owner_may_write_and_only_from_the_page(salon: Salon, path: str) -> None:
    salon.upload()
    data: dict[str, Any] = dict(OWN)
    assert salon.owner().post(f"/settings/letters{path}", data=data).status_code == 400
    answer = post(salon.agent(DANA), f"/settings/letters{path}", data, page="/connect")
    assert answer.status_code == 403
    assert kept(salon) is None


def test_nobody_but_the_owner_sees_the_page(salon: Salon) -> None:
    salon.make_owner()
    assert salon.visitor().get("/settings/letters").location == "/sign-in"
    assert salon.agent().get("/settings/letters").status_code == 403
