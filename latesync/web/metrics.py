"""`/metrics` for Prometheus: built anew for each scrape from what LateSync remembers; ids and counts only.

It asks nothing of the booking site or the provider, and costs twelve statements for any number of accounts.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from latesync import __version__
from latesync.health_overview import late_since
from latesync.model import AccountState, MappingState
from latesync.plan.alarms import Kind
from latesync.plan.promise import WINDOW, quantile
from latesync.sentences.provider_words import PROVIDERS
from latesync.services import Services
from latesync.store.accounts import AccountRow, list_accounts
from latesync.store.alarms import list_alarms
from latesync.store.clients import list_clients
from latesync.store.delays import read_delays
from latesync.store.measures import compared_since, count_mappings, count_unfinished, quota_units
from latesync.store.pauses import read_resting
from latesync.store.sites import read_site
from latesync.web.context import now, services

blueprint = Blueprint("metrics", __name__)

_QUANTILES = (0.5, 0.95, 0.99)


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Open to whoever may ask, or with LATESYNC_METRICS_TOKEN to whoever has that."""
    token = services().config.metrics_token
    if token is not None and not _has(token):
        return Response("A token is needed: see LATESYNC_METRICS_TOKEN.\n", 401, _asks_for_token())
    registry = CollectorRegistry()
    registry.register(_Collected(services(), now()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _has(token: str) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    # Both are compared, in constant time for whatever is sent.
    is_right = hmac.compare_digest(given.strip().encode(), token.encode())
    return scheme.lower() == "bearer" and is_right


def _asks_for_token() -> dict[str, str]:
    return {"WWW-Authenticate": 'Bearer realm="LateSync"', "Content-Type": "text/plain; charset=utf-8"}


class _Collected(Collector):
    """What one scrape shows. Prometheus' own names: base units, `_total` for what only grows."""

    def __init__(self, services: Services, now: datetime) -> None:
        self._db, self._site_id, self._now = services.database, services.site_id, now

    def describe(self) -> list[Metric]:
        return []  # else it would be collected once more to be registered

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("latesync_build", "The program.", {"version": __version__})
        yield _gauge("up", "1: LateSync's own database answers.", 1)
        rows = list_accounts(self._db, self._site_id)
        yield from self._site()
        yield from self._secrets()
        yield from self._accounts(rows)
        yield from self._work(rows)
        yield from self._bookings()
        yield from self._delays()
        yield from self._alarms()
        yield from self._comparisons()

    def _site(self) -> Iterator[Metric]:
        site = read_site(self._db, self._site_id)
        yield _gauge(
            "site_looked_at_timestamp_seconds", "The last complete look at the bookings.", _at(site.looked_at)
        )
        yield _gauge("site_in_trouble", "1: the booking site cannot be read.", int(site.problem is not None))
        yield _gauge(
            "site_stopped",
            "1: LateSync waits for a person to say which site this is.",
            int(site.stopped_for is not None),
        )

    def _secrets(self) -> Iterator[Metric]:
        """Of the clients new sign-ins use, where the owner said the day (microsoft-graph.md M2)."""
        family = GaugeMetricFamily(
            "latesync_client_secret_left_seconds",
            "Until the day a client's secret ends; below 0: it has ended; none known: no sample.",
            labels=("provider",),
        )
        for provider in PROVIDERS:
            rows = list_clients(self._db, self._site_id, provider)
            ends_on = next((row.secret_ends_on for row in rows if row.is_current), None)
            if ends_on is not None:
                ends_at = datetime.combine(ends_on, time(), UTC)
                family.add_metric([provider], (ends_at - self._now).total_seconds())
        yield family

    def _accounts(self, rows: list[AccountRow]) -> Iterator[Metric]:
        states = Counter(row.state.value for row in rows)
        yield _labelled(
            "accounts",
            "Agents' accounts, by state.",
            "state",
            {state.value: states[state.value] for state in AccountState},
        )
        connected = [row for row in rows if row.state is AccountState.CONNECTED]
        yield _gauge(
            "accounts_in_trouble",
            "Connected accounts with a problem.",
            sum(1 for row in connected if row.problem),
        )
        family = GaugeMetricFamily(
            "latesync_last_good_look_timestamp_seconds",
            "When a direction of an agent's account last came to a good end; none yet: no sample.",
            labels=("agent", "provider", "direction"),  # of two accounts of one agent each has its own
        )
        for row in connected:
            for direction, good_at in (("outbound", row.outbound_good_at), ("inbound", row.inbound_good_at)):
                if good_at is not None:
                    family.add_metric([str(row.agent_id), row.provider, direction], good_at.timestamp())
        yield family
        ages = {
            "outbound": self._oldest([row.outbound_good_at for row in connected]),
            "inbound": self._oldest([row.inbound_good_at for row in connected]),
        }
        yield _labelled(
            "last_good_look_age_max_seconds",
            "How long ago the last good look of the agent was whose is oldest.",
            "direction",
            ages,
        )

    def _work(self, rows: list[AccountRow]) -> Iterator[Metric]:
        resting = read_resting(self._db, self._site_id)
        active = [row for row in rows if row.state is AccountState.CONNECTED]
        working = [row for row in active if not resting.includes(row.agent_id)]
        due = sum(
            1
            for row in working
            for at in (row.outbound_due_at, row.inbound_due_at)
            if at is not None and at <= self._now
        )
        yield _gauge("work_due", "Directions of accounts that are due now.", due)
        yield _gauge(
            "accounts_leased",
            "Accounts that a worker is at.",
            sum(1 for row in active if row.lease_until is not None and row.lease_until > self._now),
        )
        late = late_since(rows, self._now, resting)
        yield _gauge(
            "work_late_seconds",
            "How late the oldest work is that no worker takes up; 0: none is.",
            (self._now - late).total_seconds() if late else 0,
        )
        yield _gauge("paused", "1: everything is paused.", int(resting.everybody_since is not None))
        yield _gauge("agents_paused", "Agents that are paused by themselves.", len(resting.agents))

    def _bookings(self) -> Iterator[Metric]:
        states = count_mappings(self._db, self._site_id)
        held, unreadable, mails = count_unfinished(self._db, self._site_id)
        yield _gauge(
            "bookings_mapped", "Bookings whose event stands in a calendar.", states.get(MappingState.LIVE, 0)
        )
        yield _gauge(
            "bookings_unanswered",
            "Events that were asked for and not answered yet.",
            states.get(MappingState.INTENT, 0),
        )
        yield _gauge(
            "bookings_set_aside",
            "Bookings whose event the provider refused.",
            states.get(MappingState.SET_ASIDE, 0),
        )
        yield _gauge(
            "bookings_left_out",
            "Bookings that an agent did not want brought along.",
            states.get(MappingState.LEFT_OUT, 0),
        )
        yield _gauge("bookings_unreadable", "Bookings whose times cannot be understood.", unreadable)
        yield _gauge("operations_held", "Changes that wait for a person.", held)
        yield _gauge("mails_waiting", "Mails that are still to be sent.", mails)
        units = quota_units(self._db, self._site_id, self._now - WINDOW)
        yield _gauge(
            "quota_units_used", "What was asked of the provider in the last 24 hours, in its units.", units
        )

    def _delays(self) -> Iterator[Metric]:
        summary = Metric(
            "latesync_delay_seconds",
            "From a change to its arrival, of the last 24 hours; _count and _sum are of those too.",
            "summary",
        )
        for direction, samples in read_delays(self._db, self._site_id, self._now - WINDOW).items():
            labels = {"direction": direction}
            for share in _QUANTILES if samples else ():
                seconds = quantile(samples, share) / 1000
                summary.add_sample(summary.name, {**labels, "quantile": str(share)}, seconds)
            summary.add_sample(f"{summary.name}_count", labels, len(samples))
            summary.add_sample(f"{summary.name}_sum", labels, sum(samples) / 1000)
        yield summary

    def _alarms(self) -> Iterator[Metric]:
        told = [row.kind for row in list_alarms(self._db, self._site_id) if row.told_at is not None]
        counts = Counter(told)
        kinds = sorted({*(kind.value for kind in Kind), *told})
        yield _labelled(
            "alarms",
            "Alarms that somebody was told of and that last, by kind.",
            "kind",
            {kind: counts[kind] for kind in kinds},
        )

    def _comparisons(self) -> Iterator[Metric]:
        found = compared_since(self._db, self._site_id, self._now - 2 * WINDOW)
        yield _gauge(
            "comparison_timestamp_seconds", "The last full comparison; 0: none in two days.", _at(found.at)
        )
        wrong = {"events": found.events_wrong, "busy": found.busy_wrong, "form": found.form_wrong}
        yield _labelled(
            "comparison_differences",
            "What full comparisons of the last two days found wrong, and mended.",
            "where",
            wrong,
        )

    def _oldest(self, looks: list[datetime | None]) -> float:
        known = [moment for moment in looks if moment is not None]
        return max(0.0, (self._now - min(known)).total_seconds()) if known else 0.0


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"latesync_{name}", text, value=value)


def _labelled(name: str, text: str, label: str, values: dict[str, float] | dict[str, int]) -> Metric:
    family = GaugeMetricFamily(f"latesync_{name}", text, labels=(label,))
    for value, number in sorted(values.items()):
        family.add_metric([value], number)
    return family


def _at(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
