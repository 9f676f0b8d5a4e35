"""What a check found, with its remedy."""

from __future__ import annotations

from dataclasses import asdict, dataclass

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
