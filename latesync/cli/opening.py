"""Opens the services for a command, and closes them again."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from latesync.config import read_config
from latesync.logs import set_up_logging
from latesync.services import Services, open_services


@contextmanager
def opened(*, require_schema: bool = True, log_level: int = logging.WARNING) -> Iterator[Services]:
    """Services from the environment. Commands that print results keep the log to what is wrong."""
    set_up_logging(log_level)
    services = open_services(read_config(), require_schema=require_schema)
    try:
        yield services
    finally:
        services.close()


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, default=str, ensure_ascii=False))
