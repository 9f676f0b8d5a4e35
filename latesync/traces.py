"""Where an error came from, without what it said: messages of libraries may hold addresses and titles."""

from __future__ import annotations

import traceback
from pathlib import PurePath


def origin_of(error: BaseException) -> str:
    """The types of an error and its causes, and the lines that led to it, newest last."""
    kinds: list[str] = []
    link: BaseException | None = error
    while link is not None and len(kinds) < 5:
        kinds.append(type(link).__name__)
        link = link.__cause__ or link.__context__
    frames = traceback.extract_tb(error.__traceback__)
    path = " ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames)
    return f"{'<'.join(kinds)} at {path}"
