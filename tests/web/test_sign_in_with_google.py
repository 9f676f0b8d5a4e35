"""The agent's way from the personal link to a connected calendar, and every way it can end otherwise."""

from __future__ import annotations

from tests.web.salon import DANA, Salon, post


def test_after_googles_return_nothing_more_must_be_chosen(salon: Salon) -> None:
    salon.upload()
    client = salon.agent()
    answer = salon.sign_in(client)
    assert answer.status_code == 302
    assert answer.location == "/connect"
    page = client.get("/connect").text
    assert "Your calendar is connected" in page
    assert "dana@example.com" in page
    account = salon.account(DANA)
    assert account is not None
    assert account.write_calendar_id == "dana@example.com"
