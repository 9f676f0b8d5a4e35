"""What the plugin adds to a page of the booking form and to a booking, on real WordPress sites side by side.

python -m tests.bench.wordpress --rounds 60

The sites differ in one thing each and are asked in turn, so that other work on the machine meets all of them.
The first two are alike: what differs between them is noise. `wall` is what the client waits for, under PHP's
built-in server, which lets a client go only when the shutdown hooks are done; `cpu` is PHP's own, shutdown
included. LatePoint is the tests' stand-in and does less than the real one: ratios come out worse than there.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from tests.bench.setting import setting_beside
from tests.bench.wordpress_latency import connect_plugin, free_port, running_web
from tests.bench.wordpress_setting import Sites, Variant, count_shown, fill_busy, report, wordpress_sites
from tests.site.builders import Site

AGENTS_SHOWN = (1, 2)  # who offers the service asked for


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "--rounds", type=int, default=60, help="requests to each site, after ten to warm it up"
    )
    parser.add_argument("--skip-bookings", action="store_true", help="the month view alone")
    chosen = parser.parse_args()
    with wordpress_sites() as sites:
        _months(sites, chosen.rounds)
    if not chosen.skip_bookings:
        with wordpress_sites() as sites:
            _bookings(sites, chosen.rounds)


def _months(sites: Sites, rounds: int) -> None:
    month = f"{date.today() + timedelta(days=60):%Y-%m}"
    variants = [
        sites.variant("without plugin", has_plugin=False),
        sites.variant("without, again", has_plugin=False),
    ]
    for name, rows, agents in (
        ("plugin, 0 rows", 0, 2),
        ("plugin, 3,000 rows", 3_000, 2),
        ("plugin, 100,000 rows", 100_000, 66),
        ("the same, and connected", 100_000, 66),
    ):
        variant = sites.variant(name)
        fill_busy(variant.site, rows, agents)
        shown = count_shown(variant.site, month, AGENTS_SHOWN)
        print(f"{name}: {shown} of them in {month} for the agents shown")
        variants.append(variant)

    def ask(variant: Variant) -> None:
        assert variant.site.month(month, "any", 1)

    with _latesync_of(variants[-1]):
        _in_turn(variants, ask, rounds)
    print("\nmonth of availability, any agent")
    _print_table(variants)
    for variant in variants:
        _print_queries(variant, month)


def _print_queries(variant: Variant, month: str) -> None:
    """One request with WordPress' own query log on, apart from the timed ones."""
    variant.forget()
    form = {"month": month, "agent_id": "any", "service_id": 1, "location_id": 1}
    route = "wp-admin/admin-post.php?action=latepoint_route_call&route_name=steps__month"
    variant.site.post(route, form, headers={"X-Bench-Queries": "1"})
    (entry,) = variant.measured()
    print(f"{variant.name}: {entry['queries']} queries, {len(entry['ours'])} of the plugin's")
    for query in entry["ours"]:
        print(f"    {query[:150]}")


def _bookings(sites: Sites, rounds: int) -> None:
    """Bookings on the public form, one after the other, each on a time of its own."""
    without = sites.variant("without plugin", has_plugin=False)
    again = sites.variant("without, again", has_plugin=False)
    unconnected = sites.variant("plugin, not connected")
    answering = sites.variant("plugin, LateSync answers")
    down = sites.variant("plugin, LateSync down")
    silent = sites.variant("plugin, port never answers")
    variants = [without, again, unconnected, answering, down, silent]
    taken = dict.fromkeys((variant.name for variant in variants), 0)

    def book(variant: Variant) -> None:
        number = taken[variant.name]
        taken[variant.name] += 1
        day = date.today() + timedelta(days=30 + number // 8)
        answer = variant.site.bookings.book(str(day), 480 + 60 * (number % 8), agent=1)
        assert answer.ok, answer.message

    with _latesync_of(answering), _port_that_never_answers() as deaf:
        connect_plugin(down.site, f"http://127.0.0.1:{free_port()}", "a secret of nobody")
        connect_plugin(silent.site, f"http://127.0.0.1:{deaf}", "a secret of nobody")
        for variant in variants:
            book(variant)  # the first of each is reported on its own: it finds out whether LateSync is there
        for variant in (down, silent):
            _forget_breaker(variant)
        print("\nfirst booking that meets a LateSync that is")
        for variant in (answering, down, silent):
            print(f"  {variant.name}: {_once(variant, book):.0f} ms")
        _in_turn(variants, book, rounds)
    print("\nbooking on the form")
    _print_table(variants)


@contextmanager
def _latesync_of(variant: Variant) -> Iterator[None]:
    """LateSync's pages, answering this site's plugin; no worker, which would compete for the machine."""
    base_url = f"http://127.0.0.1:{free_port()}"
    with (
        setting_beside(Site(variant.site.engine), latency_s=0, base_url=base_url) as world,
        running_web(world),
    ):
        connect_plugin(variant.site, base_url, world.services.bridge_secret)
        yield


def _once(variant: Variant, ask: Callable[[Variant], None]) -> float:
    started = time.perf_counter()
    ask(variant)
    return 1000 * (time.perf_counter() - started)


def _forget_breaker(variant: Variant) -> None:
    variant.site.run(
        f"DELETE FROM {variant.site.table('options')} WHERE option_name = 'latesync_bridge_breaker'"
    )


def _in_turn(variants: list[Variant], ask: Callable[[Variant], None], rounds: int) -> None:
    """Ask each variant once a round, in an order that turns; the first ten rounds do not count."""
    for number in range(-10, rounds):
        if number == 0:
            for variant in variants:
                variant.forget()
        turn = number % len(variants)
        for variant in variants[turn:] + variants[:turn]:
            variant.wall_ms.append(_once(variant, ask))


def _print_table(variants: list[Variant]) -> None:
    """Medians; `ratio` and `added` compare within each round, so that a slow minute meets both sides."""
    first = variants[0]
    cpu = first.median("cpu_ms")
    for variant in variants:
        wall = statistics.median(variant.wall_ms)
        pairs = list(zip(variant.wall_ms, first.wall_ms, strict=True))
        added = statistics.median(mine - other for mine, other in pairs)
        ratio = statistics.median(mine / other for mine, other in pairs)
        print(
            f"  {variant.name:28} wall {wall:6.1f} ms  ratio {ratio:.3f}  added {added:+5.1f} ms"
            f"   cpu {variant.median('cpu_ms'):6.1f} ms  ratio {variant.median('cpu_ms') / cpu:.3f}"
            f"   queries {variant.median('queries'):.0f}   memory {variant.median('memory_kb'):,.0f} KB"
        )
    for variant in variants:
        report(f"  {variant.name}, wall", variant.wall_ms, "ms", 1)


@contextmanager
def _port_that_never_answers() -> Iterator[int]:
    """Connections wait in the kernel's queue; nobody ever takes one."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(64)
        yield deaf.getsockname()[1]


if __name__ == "__main__":
    main()
