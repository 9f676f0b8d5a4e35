"""What `status`, `doctor`, `client` and /metrics say where agents use Microsoft, Google or both."""

from __future__ import annotations

import html
import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from latesync.checks.doctor import examine, examine_groups
from latesync.checks.findings import WRONG, Finding
from latesync.cli.report import print_status, status_report
from latesync.overview import Overview
from latesync.plan.alarms import Kind
from latesync.read_overview import read_overview
from latesync.sentences import sign_in_sentences
from latesync.store.accounts import record_needs_sign_in
from latesync.store.clients import list_clients, record_client, record_client_problem
from latesync.sync.now import sync_now
from tests.web.salon import BEN, DANA, Salon

APP = "11111111-2222-3333-4444-555555555555"


def overview(salon: Salon) -> Overview:
    return read_overview(salon.services, salon.clock())


def findings(salon: Salon, subject: str) -> list[Finding]:
    return [found for found in examine(salon.services) if found.subject == subject]


def groups(salon: Salon) -> set[str]:
    return {group.title for group in examine_groups(salon.services)}


def register(salon: Salon, ends_in: int | None = None) -> int:
    """An app as the owner entered it; no Microsoft answers for it."""
    ends_on = None if ends_in is None else (salon.clock() + timedelta(days=ends_in)).date()
    services = salon.services
    return record_client(
        *(services.database, services.box, services.site_id, "microsoft", APP, "value", None, ()),
        salon.clock(),
        secret_ends_on=ends_on,
    )


def of_dana(salon: Salon) -> list[dict[str, Any]]:
    return [entry for entry in status_report(overview(salon))["agents"] if entry["agent_id"] == DANA]


# --- the overview and status ------------------------------------------------------------------


def test_status_has_one_entry_for_each_account_of_an_agent(salon: Salon) -> None:
    salon.upload()
    salon.register()
    salon.connect(DANA)
    salon.connect_outlook(DANA)
    entries = of_dana(salon)
    assert [(entry["provider"], entry["writes"]) for entry in entries] == [
        ("google", True),
        ("microsoft", False),
    ]
    (never,) = [entry for entry in status_report(overview(salon))["agents"] if entry["agent_id"] == BEN]
    assert (never["state"], never["provider"], never["writes"]) == ("never", None, None)


def test_status_as_text_says_which_calendar_a_line_is_about(
    salon: Salon, capsys: pytest.CaptureFixture[str]
) -> None:
    salon.upload()
    salon.register()
    salon.connect(DANA)
    salon.connect_outlook(DANA)
    print_status(overview(salon))
    text = capsys.readouterr().out
    assert "Outlook" in text
    assert "busy" in text


def test_an_agent_is_shown_by_the_account_that_takes_the_bookings(salon: Salon) -> None:
    salon.upload()
    salon.register()
    salon.connect_outlook(DANA)
    salon.connect(DANA)
    agent = overview(salon).agent(DANA)
    assert agent is not None
    assert (agent.provider, agent.company, agent.product, agent.writes) == (
        *("microsoft", "Microsoft", "Outlook"),
        True,
    )
    assert [account.provider for account in agent.accounts] == ["microsoft", "google"]
    google = agent.account_at("google")
    assert google is not None
    assert google.email == "dana@example.com"
    assert not google.writes


def test_each_account_that_is_signed_out_is_a_remedy_by_its_providers_name(salon: Salon) -> None:
    salon.upload()
    salon.register()
    salon.connect(DANA)
    salon.connect_outlook(DANA)
    for provider in ("google", "microsoft"):
        account = salon.account(DANA, provider)
        assert account is not None
        record_needs_sign_in(salon.services.database, account.id, "sign_in_again", salon.clock())
    said = [remedy.text for remedy in overview(salon).remedies() if remedy.agent_id == DANA]
    assert [text.split(" has signed")[0] for text in said if "has signed" in text] == ["Google", "Microsoft"]


def test_without_any_client_one_remedy_names_both_providers(salon: Salon) -> None:
    (remedy,) = [each for each in overview(salon).remedies() if each.about is Kind.CLIENT_REFUSED]
    assert "Google or Microsoft" in remedy.text
    assert overview(salon).client_problem == "no_client"
    register(salon)
    assert overview(salon).client_problem is None
    assert overview(salon).client("google") is None


def test_a_refused_app_stands_beside_a_client_that_works(salon: Salon) -> None:
    salon.upload()
    record_client_problem(salon.services.database, register(salon), "secret_expired", salon.clock())
    seen = overview(salon)
    (remedy,) = [each for each in seen.remedies() if each.about is Kind.APP_REFUSED]
    assert remedy.text.startswith("The secret of the app at Microsoft has ended.")
    assert [client.problem for client in seen.clients] == [None, "secret_expired"]


@pytest.mark.parametrize(
    ("ends_in", "said"), [(7, "in 7 days"), (1, "tomorrow"), (0, "today"), (-1, "ended on 19 November 2026")]
)
def test_a_secret_that_ends_within_a_week_needs_a_person(salon: Salon, ends_in: int, said: str) -> None:
    """microsoft-graph.md M2."""
    register(salon, ends_in)
    seen = overview(salon)
    (text,) = [each.text for each in seen.remedies() if each.about is Kind.SECRET_ENDS]
    assert said in text
    assert seen.needs_person
    assert seen.secret_notes() == []


@pytest.mark.parametrize(("ends_in", "said"), [(30, "in 30 days"), (8, "in 8 days")])
def test_a_secret_that_ends_within_a_month_is_a_note(
    salon: Salon, ends_in: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """microsoft-graph.md M2."""
    register(salon, ends_in)
    seen = overview(salon)
    assert not seen.needs_person
    (note,) = status_report(seen)["notes"]
    assert said in note
    print_status(seen)
    assert f"Note: {note}\n" in capsys.readouterr().out
    assert note in html.unescape(salon.owner().get("/").text)


def test_a_secret_that_holds_for_longer_is_not_spoken_of(salon: Salon) -> None:
    register(salon, 31)
    assert not overview(salon).needs_person
    assert status_report(overview(salon))["notes"] == []


def test_a_rule_of_the_organisation_names_its_administrator_to_owner_and_agent(salon: Salon) -> None:
    """microsoft-graph.md §5: blocked by policy is the tenant administrator's to change."""
    salon.upload()
    salon.register()
    salon.connect_outlook(DANA)
    account = salon.account(DANA, "microsoft")
    assert account is not None
    salon.microsoft.change_person("dana@outlook.example", refusal="blocked")
    sync_now(salon.services.sync_parts(), "test", [account])
    (remedy,) = overview(salon).remedies()
    assert "Dana Reyes’s organisation blocks" in remedy.text
    assert "only its administrator can change that" in remedy.text
    assert "signs in again" in remedy.text
    page = html.unescape(salon.agent(DANA).get("/connect").text)
    assert "Ask its administrator to allow it" in page
    assert "sign in again" in page


def test_a_sign_in_that_is_not_used_for_long_is_said_while_there_is_time(salon: Salon) -> None:
    """microsoft-graph.md T1, T2."""
    salon.register()
    salon.connect_outlook(DANA)
    salon.clock.advance(timedelta(days=59))
    assert "90 days" not in str(overview(salon).remedies())
    salon.clock.advance(timedelta(days=2))
    assert "not used for 90 days" in str(overview(salon).remedies())


def test_where_nobody_can_sign_in_the_agents_page_names_no_provider_in_particular(salon: Salon) -> None:
    page = html.unescape(salon.agent(DANA).get("/connect").text)
    assert "neither Google nor Microsoft" in page
    assert "client file" not in page
    assert "Microsoft page" in sign_in_sentences.no_client("microsoft")
    assert "Google page" in sign_in_sentences.no_client("google")


# --- doctor -----------------------------------------------------------------------------------


def test_the_doctor_looks_at_what_is_set_up_and_at_nothing_else(salon: Salon) -> None:
    assert {"Google"} == groups(salon) & {"Google", "Microsoft"}
    (none,) = findings(salon, "client file")
    assert "One of the two is enough" in none.remedy
    salon.register()
    assert {"Microsoft"} == groups(salon) & {"Google", "Microsoft"}
    salon.upload()
    assert {"Google", "Microsoft"} == groups(salon) & {"Google", "Microsoft"}


def test_the_doctor_asks_microsoft_about_app_tenant_and_clock(salon: Salon) -> None:
    salon.register()
    said = {
        found.subject: found.sentence
        for group in examine_groups(salon.services)
        if group.title == "Microsoft"
        for found in group.findings
    }
    assert "Microsoft accepts it" in said["Microsoft app"]
    assert "knows the tenant" in said["Microsoft"]
    assert "clock" in said
    assert "can be registered at Microsoft" in said["callback address"]
    assert "The secret of the app at Microsoft ends on" in said["app's secret"]


def test_the_doctor_says_what_microsoft_refuses_and_who_mends_it(salon: Salon) -> None:
    """An app that Microsoft does not know."""
    register(salon)
    (app,) = findings(salon, "Microsoft app")
    assert app.verdict == WRONG
    assert "AADSTS700016" in app.sentence
    assert "application ID" in app.remedy
    (secret,) = findings(salon, "app's secret")
    assert "cannot warn" in secret.sentence


# --- client -----------------------------------------------------------------------------------


@pytest.fixture
def shell(salon: Salon, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Commands find the salon's state through the environment."""
    config = salon.services.config
    monkeypatch.setenv("LATESYNC_HOME", str(config.home))
    for name, value in (
        ("LATESYNC_DATABASE_URL", config.database_url),
        ("LATESYNC_SITE_DATABASE_URL", config.site_database_url),
        ("LATESYNC_ENCRYPTION_KEYS", ",".join(config.encryption_keys)),
        ("LATESYNC_GOOGLE_BASE_URL", config.google_base_url),
        ("LATESYNC_MICROSOFT_BASE_URL", config.microsoft_base_url),
        ("LATESYNC_BASE_URL", config.base_url),
    ):
        if value:
            monkeypatch.setenv(name, value)
    return CliRunner()


def run(shell: CliRunner, *arguments: str, **settings: Any) -> Any:
    from latesync.cli.client import client

    return shell.invoke(client, list(arguments), **settings)


def current_app(salon: Salon) -> Any:
    (row,) = list_clients(salon.services.database, salon.services.site_id, "microsoft")
    return row


def test_an_app_comes_in_from_a_file(salon: Salon, shell: CliRunner, tmp_path: Any) -> None:
    form = salon.app_form()
    form["client_secret"] = form.pop("secret")
    file = tmp_path / "app.json"
    file.write_text(json.dumps(form))
    shown = run(shell, "import", str(file), "--provider", "microsoft", "--preview")
    assert "Nothing was changed" in shown.output
    assert list_clients(salon.services.database, salon.services.site_id, "microsoft") == []
    done = run(shell, "import", str(file), "--provider", "microsoft")
    assert done.exit_code == 0, done.output
    assert current_app(salon).client_id == form["client_id"]
    assert form["client_secret"] not in done.output
    again = run(shell, "import", str(file), "--provider", "microsoft")
    assert "in use already" in again.output


def test_a_shell_keeps_the_app_that_works_when_microsoft_refuses_another(
    salon: Salon, shell: CliRunner, tmp_path: Any
) -> None:
    salon.register()
    works, file = current_app(salon).client_id, tmp_path / "app.json"
    form = salon.app_form()
    form["client_secret"] = form.pop("secret")[:-1]
    file.write_text(json.dumps(form))
    refused = run(shell, "import", str(file), "--provider", "microsoft")
    assert "nothing was changed" in str(refused.exception)
    assert current_app(salon).client_id == works


def test_an_app_comes_in_from_questions_and_its_secret_is_not_shown(salon: Salon, shell: CliRunner) -> None:
    form = salon.app_form()
    answers = [form["client_id"], form["account_type"], "", form["secret"], form["secret_ends_on"]]
    done = run(shell, "import", "--provider", "microsoft", "--interactive", input="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    assert form["secret"] not in done.output
    assert current_app(salon).secret_ends_on.isoformat() == form["secret_ends_on"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("import", "--provider", "microsoft"), "add --interactive"),
        (("import",), "Name the client JSON"),
        (("import", "--interactive"), "is for Microsoft"),
        (("test", "--provider", "microsoft"), "client import --provider microsoft"),
    ],
)
def test_wrong_use_names_the_remedy(shell: CliRunner, arguments: tuple[str, ...], said: str) -> None:
    assert said in str(run(shell, *arguments).exception)


def test_show_tells_of_both_and_json_keeps_its_keys(salon: Salon, shell: CliRunner) -> None:
    google = salon.upload()
    app = salon.register()
    text = run(shell, "show").output
    assert google in text
    assert app in text
    assert "register at Microsoft: " in text
    report = json.loads(run(shell, "show", "--json").output)
    assert report["client_id"] == google
    assert report["providers"]["microsoft"]["client_id"] == app
    assert report["providers"]["microsoft"]["quota"] is None
    only = json.loads(run(shell, "show", "--provider", "microsoft", "--json").output)
    assert only["redirect_uri"].endswith("/oauth/microsoft/callback")


def test_a_shell_asks_whether_the_app_is_accepted(salon: Salon, shell: CliRunner) -> None:
    salon.register()
    assert "Microsoft accepts the client" in run(shell, "test", "--provider", "microsoft").output
    register(salon)
    refused = run(shell, "test", "--provider", "microsoft")
    assert refused.exit_code == 1
    assert "AADSTS700016" in refused.output


# --- /metrics ---------------------------------------------------------------------------------


def test_metrics_tell_how_long_a_secret_holds(salon: Salon) -> None:
    register(salon, 10)
    lines = salon.visitor().get("/metrics").text.splitlines()
    (line,) = [one for one in lines if one.startswith("latesync_client_secret_left_seconds{")]
    assert 'provider="microsoft"' in line
    assert 9 * 86_400 <= float(line.split()[-1]) <= 10 * 86_400
