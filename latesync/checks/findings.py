"""What a check found, with its remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from latesync.errors import LateSyncError
from latesync.sentences.error_sentences import sentence_for

FINE, NOTE, WRONG = "fine", "note", "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """verdict: "fine", "note" (worth knowing) or "wrong" (needs a person)."""

    subject: str
    verdict: str
    sentence: str
    remedy: str = ""

    @property
    def needs_person(self) -> bool:
        return self.verdict == WRONG

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def guarded(subject: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What a check found; that it could not be made is a finding too."""
    try:
        return list(check())
    except LateSyncError as exc:
        return [Finding(subject, WRONG, sentence_for(exc))]


def are_wrong(findings: Iterable[Finding], subject: str) -> bool:
    return any(finding.needs_person and finding.subject == subject for finding in findings)
