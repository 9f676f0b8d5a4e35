from __future__ import annotations

from pathlib import Path

import pytest

from latesync.config import read_config
from latesync.errors import ConfigurationInvalid

URL = "smtp://bookings%40salon.example:s3cret@mail.example.com:587?tls=starttls"


def test_without_a_mail_server_there_is_none() -> None:
    assert (read_config({}).smtp_url, read_config({}).mail_from) == (None, None)


def test_a_mail_server_and_a_sender_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "url").write_text(URL + "\n")
    (tmp_path / "from").write_text("Salon Linden <hello@salon.example>\n")
    config = read_config(
        {"LATESYNC_SMTP_URL_FILE": str(tmp_path / "url"), "LATESYNC_MAIL_FROM_FILE": str(tmp_path / "from")}
    )
    assert config.smtp_url == URL
    assert config.mail_sender == "Salon Linden <hello@salon.example>"
    assert "s3cret" not in repr(config)


@pytest.mark.parametrize(
    ("environ", "sender"),
    [
        ({"LATESYNC_SMTP_URL": URL, "LATESYNC_MAIL_FROM": "a@b.example"}, "a@b.example"),
        ({"LATESYNC_SMTP_URL": URL}, "bookings@salon.example"),
        (
            {"LATESYNC_SMTP_URL": "smtp://u:p@m.example", "LATESYNC_BASE_URL": "https://sync.example.com/a"},
            "latesync@sync.example.com",
        ),
        ({"LATESYNC_BASE_URL": "http://127.0.0.1:8080"}, "latesync@[127.0.0.1]"),
        ({"LATESYNC_BASE_URL": "http://[::1]:8080"}, "latesync@[IPv6:::1]"),
    ],
)
def test_mails_come_from_whom_was_chosen_else_from_an_address_that_fits(
    environ: dict[str, str], sender: str
) -> None:
    assert read_config(environ).mail_sender == sender


def test_every_problem_is_told_at_once_and_no_password() -> None:
    with pytest.raises(ConfigurationInvalid) as caught:
        read_config(
            {
                "LATESYNC_SMTP_URL": "smtp://u:s3cret@mail.example.com?tls=none",
                "LATESYNC_MAIL_FROM": "Salon",
                "LATESYNC_TABLE_PREFIX": "wp-",
            }
        )
    prefix, smtp, sender = caught.value.problems
    assert "LATESYNC_TABLE_PREFIX" in prefix
    assert smtp.startswith("LATESYNC_SMTP_URL: With tls=none the password")
    assert sender.startswith("LATESYNC_MAIL_FROM: That is not an e-mail address")
    assert "s3cret" not in str(caught.value)
