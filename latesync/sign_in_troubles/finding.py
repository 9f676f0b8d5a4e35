"""Finding the row a person means: by code, by number, or in the pasted text of a provider's page. Pure.

A code counts wherever it stands, so pages in other languages are known by it. How much a sign of a row
weighs is written here in one place; only rows not far behind the best are returned.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from latesync.sign_in_troubles.trouble import Provider, Trouble

_LONGEST = 20_000  # characters looked at; a page of Google's has under two thousand
_TYPED = 120  # what a person types; only there “access denied” stands for access_denied

_NUMBER_AND_CODE = 20  # "Error 403: access_denied"
_CODE = 10
_WORDS = 9  # a sentence of the page
_ERROR = 5  # a word that several rows share
_TYPED_CODE = 5
_NUMBER = 1
_NEAR = 0.6  # of the best

_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u200b": None, "\u00ad": None})
_AADSTS = re.compile(r"aadsts(\d{5,7})")
_GOOGLES_ADDRESS_PART = re.compile(
    r"autherror=\S*"
)  # in the address of Google's error page; not the code authError


@dataclass(frozen=True, slots=True)
class _Text:
    """A text reduced to what is compared."""

    plain: str
    words: frozenset[str]
    numbered: frozenset[tuple[int, str]]
    aadsts: frozenset[str]

    @property
    def is_microsofts(self) -> bool:
        return bool(self.aadsts) or "microsoft" in self.plain


def find(table: Iterable[Trouble], text: str) -> tuple[Trouble, ...]:
    """The rows that fit, best first; nothing for a text that holds no sign of any. Never raises."""
    read = _read(text)
    if not read.words:
        return ()
    weights = [(_weight(trouble, read), trouble) for trouble in table]
    best = max((weight for weight, _ in weights), default=0)
    near = [(weight, trouble) for weight, trouble in weights if weight > 0 and weight >= _NEAR * best]
    return tuple(trouble for _, trouble in sorted(near, key=lambda pair: -pair[0]))


def _read(text: str) -> _Text:
    plain = unicodedata.normalize("NFKC", text[:_LONGEST]).translate(_QUOTES).casefold()
    plain = _GOOGLES_ADDRESS_PART.sub(" ", " ".join(plain.split()))
    return _Text(
        plain,
        frozenset(re.findall(r"[a-z0-9_]+", plain)),
        frozenset(
            (int(number), code)
            for number, code in re.findall(r"\b(\d{3})\W{1,4}([a-z_]+)\b", plain, re.ASCII)
        ),
        frozenset(_AADSTS.findall(plain)),
    )


def _weight(trouble: Trouble, text: _Text) -> int:
    if trouble.provider is Provider.MICROSOFT:
        return _weight_at_microsoft(trouble, text)
    if text.aadsts:
        return 0
    codes = [code.casefold() for code in trouble.codes]
    if any((trouble.number, code) in text.numbered for code in codes):
        return _NUMBER_AND_CODE
    weight = _CODE if text.words.intersection(codes) else _typed_code(codes, text)
    weight += _words(trouble, text) or _ERROR * bool(text.words.intersection(trouble.errors))
    return weight or _NUMBER * (str(trouble.number) in text.words and _is_typed(text))


def _weight_at_microsoft(trouble: Trouble, text: _Text) -> int:
    numbers = {number for code in trouble.codes for number in _AADSTS.findall(code.casefold())}
    if text.aadsts:
        return _NUMBER_AND_CODE * bool(numbers & text.aadsts)
    if text.words.intersection(code.casefold() for code in trouble.codes) or text.words & numbers:
        return _CODE
    shared = bool(text.words.intersection(error.casefold() for error in trouble.errors))
    # Google has most of these words too: without Microsoft's name they are looked up at Google first.
    return (_CODE if text.is_microsofts else _ERROR) * shared


def _typed_code(codes: list[str], text: _Text) -> int:
    spaced = f" {re.sub(r'[^a-z0-9]+', ' ', text.plain)} "
    meant = _is_typed(text) and any(f" {code.replace('_', ' ')} " in spaced for code in codes)
    return _TYPED_CODE * meant


def _words(trouble: Trouble, text: _Text) -> int:
    return _WORDS * any(shown.translate(_QUOTES).casefold() in text.plain for shown in trouble.shown)


def _is_typed(text: _Text) -> bool:
    return len(text.plain) <= _TYPED
