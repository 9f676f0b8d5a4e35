"""The long-running processes, and the step before them."""

from __future__ import annotations

import logging
import os
import sys

import click

from latesync.cli.opening import opened


@click.command()
def web() -> None:
    """Run the web pages under gunicorn, at PORT or the port of LATESYNC_BASE_URL."""
    with opened():  # what cannot start is told here, in one line, not by gunicorn
        pass
    from gunicorn.app.wsgiapp import run

    # In this process, which has imported most of it by now; signals and exit codes are gunicorn's own.
    sys.argv = ["gunicorn", "--config", "python:latesync.web.gunicorn_config", "latesync.web.wsgi:app"]
    run()


@click.command()
def worker() -> None:
    """Run the worker until it is told to stop (Ctrl-C or SIGTERM)."""
    with opened(log_level=logging.INFO) as services:
        from latesync.worker import run_worker

        run_worker(services)


@click.command()
def migrate() -> None:
    """Bring LateSync's own tables up to date; safe to repeat."""
    with opened(require_schema=False) as services:
        from latesync.store.migrate import migrate as migrate_tables

        before, after = migrate_tables(services.database)
    if before == after:
        click.echo(f"The tables are up to date ({after}).")
    else:
        click.echo(f"The tables were brought from {before or 'nothing'} to {after}.")


# Its --help is the sandbox's own, which knows the options and says how to use it.
@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def sandbox(arguments: tuple[str, ...]) -> None:
    """Run the pretend Google, or with `sandbox microsoft` the pretend Microsoft."""
    provider, options = "google", list(arguments)
    if options and options[0] in ("google", "microsoft"):
        provider = options.pop(0)
    os.execv(sys.executable, [sys.executable, "-m", f"latesync.sandbox.{provider}", *options])
