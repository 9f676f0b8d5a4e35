"""The agents and the administrators."""

from __future__ import annotations

import sys

import click

from latesync.cli.opening import opened, print_json
from latesync.errors import WrongInput


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def agents(context: click.Context, as_json: bool) -> None:
    """List the agents; `latesync agents link ID` prints an agent's personal link."""
    if context.invoked_subcommand is not None:
        return
    with opened() as services:
        from latesync.cli.report import print_status, status_report
        from latesync.read_overview import read_overview

        overview = read_overview(services, services.clock())
        if as_json:
            print_json(status_report(overview)["agents"])
        else:
            print_status(overview)
            click.echo("`latesync agents link ID` prints an agent's personal link.")


@agents.command()
@click.argument("agent_id", type=int, metavar="ID")
@click.option("--new", is_flag=True, help="End every earlier link of this agent.")
def link(agent_id: int, new: bool) -> None:
    """Print an agent's personal sign-in link, valid 30 days or until it is replaced."""
    with opened() as services:
        from latesync.consent.links import make_link_token
        from latesync.latepoint.settings import read_agents
        from latesync.store.people import link_serial, replace_link

        known = {agent.id for agent in read_agents(services.site_engine, services.site.facts().schema)}
        if agent_id not in known:
            raise WrongInput(f"The site has no agent {agent_id}. `latesync agents` lists them.")
        if new:
            replace_link(services.database, services.site_id, agent_id)
        serial = link_serial(services.database, services.site_id, agent_id)
        token = make_link_token(services.secret_key, services.site_id, agent_id, serial)
        click.echo(f"{services.config.base_url}/connect/{token}")


@click.group()
def admin() -> None:
    """Create an administrator."""


@admin.command()
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create(email: str, password_stdin: bool) -> None:
    """Create an administrator who may sign in to the web pages."""
    from latesync.notify.address import is_email

    if not is_email(email):  # before a password is asked for; LateSync writes its digest there
        raise WrongInput(f"{email} is no e-mail address. It looks like dana@example.com.")
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with opened() as services:
        from latesync.consent.passwords import hash_password
        from latesync.store.people import create_admin

        create_admin(services.database, email, hash_password(password), services.clock())
    click.echo(f"{email} may sign in at {services.config.base_url}/sign-in.")
