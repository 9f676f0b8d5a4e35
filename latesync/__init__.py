"""LateSync keeps a LatePoint booking site and its agents' own calendars in step."""

__version__ = "0.5.0"
