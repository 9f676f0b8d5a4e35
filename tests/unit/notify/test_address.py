from __future__ import annotations

import pytest

from latesync.errors import WrongInput
from latesync.notify.address import SmtpAddress, is_email, parse_mailbox, parse_smtp_address


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.com", SmtpAddress("mail.example.com", 587, None, None, "auto")),
        ("smtp://u:p@mail.example.com/", SmtpAddress("mail.example.com", 587, "u", "p", "auto")),
        ("smtp://u:p@m.example:2525?tls=starttls", SmtpAddress("m.example", 2525, "u", "p", "starttls")),
        ("smtp://m.example?tls=implicit", SmtpAddress("m.example", 465, None, None, "implicit")),
        ("smtp://m.example:465", SmtpAddress("m.example", 465, None, None, "implicit")),
        ("smtp://m.example:465?tls=starttls", SmtpAddress("m.example", 465, None, None, "starttls")),
        ("smtps://m.example", SmtpAddress("m.example", 465, None, None, "implicit")),
        ("smtps://m.example:4465?tls=implicit", SmtpAddress("m.example", 4465, None, None, "implicit")),
        ("smtp://relay?tls=none", SmtpAddress("relay", 25, None, None, "none")),
        ("smtp://u:p@localhost?tls=none", SmtpAddress("localhost", 25, "u", "p", "none")),
        ("smtp://u:p@127.0.0.1:1025?tls=none", SmtpAddress("127.0.0.1", 1025, "u", "p", "none")),
        ("smtp://u:p@[::1]:1025?tls=none", SmtpAddress("::1", 1025, "u", "p", "none")),
        (
            "smtp://me%40salon.example:a%2Fb%3A%25%C3%BC@m.example",
            SmtpAddress("m.example", 587, "me@salon.example", "a/b:%ü", "auto"),
        ),
    ],
)
def test_a_mail_servers_address_is_read(url: str, expected: SmtpAddress) -> None:
    assert parse_smtp_address(url) == expected


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("mail.example.com", "must begin with smtp://"),
        ("https://mail.example.com", "must begin with smtp://"),
        ("smtp://", "must begin with smtp://"),
        ("smtp://u:s3cret@", "must begin with smtp://"),
        ("smtp://m.example:0", "must begin with smtp://"),
        ("smtp://u:s3cret@m.example:smtp", "no usable port"),
        ("smtp://u:s3cret@m.example:99999", "no usable port"),
        ("smtp://u:s3/cret@m.example", "no usable port"),
        ("smtp://u:s3cret#@m.example", "no usable port"),
        ("smtp://u:s3cret@m.example#x", "%23"),
        ("smtp://u:s3cret@m.example/inbox", "%2F"),
        ("smtp://u@m.example", "both a user and a password"),
        ("smtp://:s3cret@m.example", "both a user and a password"),
        ("smtp://u:s3cret@m.example?tls=ssl", "tls=starttls, tls=implicit or tls=none"),
        ("smtp://u:s3cret@m.example?tls=none&tls=starttls", "tls=starttls, tls=implicit or tls=none"),
        ("smtp://u:s3cret@m.example?timeout=3", "tls=starttls, tls=implicit or tls=none"),
        ("smtps://u:s3cret@m.example?tls=none", "smtps:// means tls=implicit"),
        ("smtp://u:s3cret@m.example?tls=none", "would travel readable"),
        ("smtp://u:s3cret@0.0.0.0?tls=none", "would travel readable"),
        ("smtp://u:s3cret%0d%0aQUIT@m.example", "line break"),
        ("smtp://u:s3cret%FF@m.example", "UTF-8"),
        ("smtp://u:s3cret @m.example", "space"),
    ],
)
def test_what_cannot_be_used_gets_a_remedy_and_is_not_repeated(url: str, remedy: str) -> None:
    with pytest.raises(WrongInput) as caught:
        parse_smtp_address(url)
    assert remedy in str(caught.value)
    assert "s3" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_password_stays_out_of_repr() -> None:
    assert "s3cret" not in repr(parse_smtp_address("smtp://u:s3cret@m.example"))


@pytest.mark.parametrize("text", ["a@b.example", "a+b@localhost", "a@[127.0.0.1]", "a@bücher.example"])
def test_an_address_is_one(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    ["", "a", "a@", "@b", "a@b@c", "a b@c", "a@b.example\n", "a@b.example\r\nBcc: c@d", "A <a@b>", "a@b,c@d",
     "a@b;c@d", "a@[:b:", "ä@b.example", "a@" + "b" * 64 + "ü.example", "a@b..ü"],
)  # fmt: skip
def test_anything_else_is_none(text: str) -> None:
    assert not is_email(text)


def test_a_sender_may_have_a_name() -> None:
    named = parse_mailbox("Salon Lindé <bookings@salon.example>")
    assert (named.display_name, named.addr_spec) == ("Salon Lindé", "bookings@salon.example")
    assert parse_mailbox("bookings@salon.example").display_name == ""
    assert parse_mailbox("latesync@[127.0.0.1]").domain == "[127.0.0.1]"


@pytest.mark.parametrize("text", ["", "Salon", "Salon <>", "a@b, c@d", "a@b\nBcc: c@d", "<a@b> c@d"])
def test_a_sender_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(WrongInput, match="not an e-mail address"):
        parse_mailbox(text)
