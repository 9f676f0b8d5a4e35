"""Which version of the tables this program works with; known without loading Alembic (0.2 s)."""

from __future__ import annotations

REVISIONS = ("0001", "0002", "0003", "0004", "0005")  # every script of migrations/versions, oldest first
HEAD = REVISIONS[-1]
