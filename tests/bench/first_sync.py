"""First sync of many bookings: wall against the bound, requests per booking, CPU per 1,000.

python -m tests.bench.first_sync --bookings 1000 --agents 20
"""

from __future__ import annotations

import argparse
import math
import resource
import time

from latesync.store.accounts import list_accounts
from latesync.sync.now import sync_now
from tests.bench.outside import PROVIDERS
from tests.bench.setting import fill, setting

BATCH, AT_ONCE = 20, 4  # microsoft-graph.md L4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bookings", type=int, default=1000)
    parser.add_argument("--agents", type=int, default=20)
    parser.add_argument("--latency", type=float, default=0.12, help="seconds per answer")
    parser.add_argument("--provider", choices=PROVIDERS, default="google")
    chosen = parser.parse_args()
    with setting(latency_s=chosen.latency, provider=chosen.provider) as world:
        for agent_id in fill(world.site, agents=chosen.agents, bookings=chosen.bookings):
            world.connect(agent_id)
        rows = list_accounts(world.services.database, world.services.site_id)
        parts = world.services.sync_parts()
        if chosen.provider == "microsoft":
            world.ask("PATCH", "/switches", {"batch_part_latency_s": chosen.latency})
        world.forget_requests()
        wall, cpu = time.perf_counter(), _cpu_s()
        results = sync_now(parts, "bench", rows).results
        wall, cpu = time.perf_counter() - wall, _cpu_s() - cpu
        counts = world.count_requests()
        created = sum(result.counts.events_created for result in results)
        requests = sum(counts.values())
        bound = _answers_in_turn(chosen.provider, chosen.bookings / chosen.agents) * chosen.latency
        print(f"created {created} of {chosen.bookings} over {chosen.agents} agents")
        print(f"wall {wall:.2f} s, bound {bound:.2f} s, ratio {wall / bound:.3f}")
        per_booking = (requests - 2 * chosen.agents) / chosen.bookings
        print(f"requests {requests} = {per_booking:.3f} per booking + 2 per account")
        print(f"cpu {cpu:.2f} s = {1000 * cpu / chosen.bookings:.2f} s per 1,000")
        print(counts)


def _answers_in_turn(provider: str, bookings: float) -> int:
    """How many answers one account waits for, one after the other, inside what its provider allows.

    Google: a token, a listing, and each booking, since never two of one calendar are written at once.
    Microsoft: what is known of the tenant, a token, a listing, the batches, and what is in them, four at
    once (microsoft-graph.md L4).
    """
    if provider == "google":
        return 2 + math.ceil(bookings)
    batches = math.ceil(bookings / BATCH)
    return 3 + batches + math.ceil(bookings / AT_ONCE)


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
