"""`status` and `doctor`."""

from __future__ import annotations

import sys

import click

from latesync.cli.opening import opened, print_json
from latesync.config import Config, read_config
from latesync.errors import StateNotReady, StateUnavailable, WrongInput
from latesync.services import find_site_address


@click.command()
@click.option("--json", "as_json", is_flag=True)
def status(as_json: bool) -> None:
    """Show every agent's account and its health, and what needs a person."""
    with opened() as services:
        from latesync.cli.report import print_status, status_report
        from latesync.read_overview import read_overview

        overview = read_overview(services, services.clock())
        if as_json:
            print_json(status_report(overview))
        else:
            print_status(overview)
    sys.exit(1 if overview.needs_person else 0)


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.option(
    "--print-sql", is_flag=True, help="Print the CREATE TABLE of LateSync's two tables in the site."
)
@click.option(
    "--print-grants", metavar="USER", help="Print the GRANTs for a database user (name or name@host)."
)
def doctor(as_json: bool, print_sql: bool, print_grants: str | None) -> None:
    """Check everything from the client file to the clock, and name each remedy."""
    if print_sql or print_grants:
        _print_statements(print_sql, print_grants)
        return
    with opened(require_schema=False) as services:
        from latesync.checks.doctor import examine
        from latesync.checks.findings import Finding

        findings = examine(services)
    if as_json:
        print_json([finding.as_dict() for finding in findings])
    else:
        for finding in findings:
            click.echo(_line(finding))
    sys.exit(1 if any(isinstance(finding, Finding) and finding.needs_person for finding in findings) else 0)


def _line(finding: object) -> str:
    from latesync.checks.findings import Finding

    assert isinstance(finding, Finding)  # noqa: S101 - narrows the lazily imported type
    mark = {"fine": "✓", "note": "·", "wrong": "✗"}[finding.verdict]
    remedy = f"\n    → {finding.remedy}" if finding.remedy else ""
    return f"{mark} {finding.subject}: {finding.sentence}{remedy}"


def _print_statements(print_sql: bool, user: str | None) -> None:
    from latesync.latepoint.bridge_tables import create_table_statements
    from latesync.latepoint.grants import grant_statements, off_periods_grant

    config = read_config()
    address = find_site_address(config)
    prefix = address.prefix if address else config.table_prefix
    statements = create_table_statements(prefix) if print_sql else []
    if user:
        database = _site_database(address.url if address else "")
        statements = [*statements, *grant_statements(prefix, database, user)]
        if _writes_off_periods(config):
            statements.append(off_periods_grant(prefix, database, user))
    for statement in statements:
        click.echo(f"{statement};\n")


def _site_database(url: str) -> str:
    """The site's database by name: a guess would grant rights on somebody else's. Raises WrongInput."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        database = make_url(url).database
    except (ArgumentError, ValueError):
        database = None
    if not database:
        raise WrongInput(
            "Grants are for one database: set LATESYNC_SITE_DATABASE_URL to WordPress' database first, for "
            "example mysql://latesync:password@localhost/wordpress. Nothing was printed."
        )
    return database


def _writes_off_periods(config: Config) -> bool:
    """Whether the owner chose that way for busy time; nobody has before LateSync's own tables are there."""
    from latesync.options import BusyWay
    from latesync.store.choices import read_busy_way

    if not config.home.exists():
        return False
    try:
        with opened() as services:
            return read_busy_way(services.database, services.site_id) is BusyWay.OFF_PERIODS
    except (StateNotReady, StateUnavailable):
        return False
