"""Laws hold for every example; how many are tried depends on who asks.

LATESYNC_TEST_PROFILE=thorough looks ten times as hard; CI tries the same examples every time.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci", max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "thorough", max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("LATESYNC_TEST_PROFILE", "ci"))
