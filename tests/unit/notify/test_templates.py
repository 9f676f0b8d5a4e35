from __future__ import annotations

import pytest

from latesync.notify.templates import (
    LONGEST_BODY,
    LONGEST_SUBJECT,
    VARIABLES,
    Template,
    check_template,
    default_template,
    render,
    template_from_json,
    template_to_json,
)
from latesync.notify.texts import LANGUAGES

VALUES = {**dict.fromkeys(VARIABLES, ""), "agent_first_name": "Dana", "site_name": "Salon Linden"}


def paragraphs(body: str, **values: str) -> tuple[str, ...]:
    return render(Template("Hello", body), VALUES | values)[1]


def test_variables_are_filled_in() -> None:
    template = Template("For {{agent_first_name}}", "Hello {{ agent_first_name }},\n\nfrom {{site_name}}.")
    assert render(template, VALUES) == ("For Dana", ("Hello Dana,", "from Salon Linden."))


def test_a_paragraph_about_nothing_is_left_out() -> None:
    body = "Hello {{agent_first_name}},\n\n{{waiting}}.\n\nBye"
    assert paragraphs(body) == ("Hello Dana,", "Bye")
    assert paragraphs(body, waiting="3 bookings wait") == ("Hello Dana,", "3 bookings wait.", "Bye")


def test_a_line_about_nothing_is_left_out_of_its_paragraph() -> None:
    body = "{{agent_first_name}}, it ends on {{ends}}.\nPlease sign in."
    assert paragraphs(body) == ("Please sign in.",)
    assert paragraphs(body, ends="Friday") == ("Dana, it ends on Friday.\nPlease sign in.",)


def test_line_breaks_of_every_browser_are_understood() -> None:
    assert paragraphs("One\r\n\r\nTwo\r\nlines\n \n\n\nThree") == ("One", "Two\nlines", "Three")


def test_what_a_variable_holds_is_never_a_variable_itself() -> None:
    assert paragraphs("{{agent_name}}", agent_name="{{site_name}}") == ("{{site_name}}",)


def test_a_subject_stays_one_line() -> None:
    subject, _ = render(Template("For\n{{agent_name}}", "x"), VALUES | {"agent_name": "Dana\r\nBcc: eve@x"})
    assert subject == "For Dana Bcc: eve@x"


@pytest.mark.parametrize(
    ("subject", "body", "problem"),
    [
        (" ", "text", "The subject is empty"),
        ("subject", " \n ", "The text is empty"),
        ("s" * (LONGEST_SUBJECT + 1), "text", "The subject is too long"),
        ("subject", "t" * (LONGEST_BODY + 1), "The text is too long"),
        ("subject", "{{customer_name}}", "no variable {{customer_name}}"),
        ("{{agent name}}", "text", "no variable {{agent name}}"),
        ("subject", "{{}}", "no variable {{}}"),
        ("subject", "{{" + "x" * 500 + "}}", "no variable {{" + "x" * 39 + "…}}"),
        ("subject", "{{site_name", "missing its braces"),
        ("subject", "site_name}}", "missing its braces"),
    ],
)
def test_what_is_wrong_with_a_wording_is_said(subject: str, body: str, problem: str) -> None:
    (found,) = check_template(subject, body)
    assert problem in found


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert len(check_template("", "{{one}} {{two}} {{one}}")) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_variable_names_a_customer(language: str) -> None:
    assert not any("customer" in name for name in VARIABLES)
    for draft in LANGUAGES[language].letters.values():
        assert check_template(draft.subject, draft.body) == []


def test_a_wording_survives_being_kept() -> None:
    template = Template("Grüße", "Eins\n\n„Zwei“")
    assert template_from_json(template_to_json(template)) == template


@pytest.mark.parametrize(
    "kept",
    [None, "", "nonsense", "[]", "3", "{}", '{"subject": "x"}', '{"subject": 1, "body": 2}',
     '{"subject": "x", "body": "{{gone}}"}'],
)  # fmt: skip
def test_what_cannot_be_used_any_more_gives_way_to_the_standard_text(kept: str | None) -> None:
    assert template_from_json(kept) is None


def test_the_standard_text_follows_the_language() -> None:
    assert default_template("ended", "de").subject.startswith("Bitte neu anmelden")
    assert default_template("ended", "pt") == default_template("ended", "en")
