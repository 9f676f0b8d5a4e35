"""What can go wrong at the provider while somebody signs in: the whole table, as data. Pure.

One row a trouble (`Trouble`): how it is recognised, what it means, who acts, what to click, how long it
takes. `google_pages` holds what Google's own pages say, `google_answers` what Google answers LateSync,
`microsoft` what Microsoft does; `finding` recognises a row in a pasted text, `words` is what a page says
around a row.
"""

from __future__ import annotations

from latesync.sign_in_troubles import finding, google_answers, google_pages, microsoft
from latesync.sign_in_troubles.trouble import Actor, Link, Paste, Place, Provider, Step, Trouble

__all__ = [
    "TROUBLES",
    "Actor",
    "Link",
    "Paste",
    "Place",
    "Provider",
    "Step",
    "Trouble",
    "find_troubles",
    "trouble_named",
    "trouble_of_refusal",
]

TROUBLES: tuple[Trouble, ...] = (*google_pages.PAGES, *google_answers.ANSWERS, *microsoft.TROUBLES)

_NAMED: dict[str, Trouble] = {}
for _trouble in TROUBLES:
    for _name in (_trouble.key, *_trouble.codes):
        _NAMED.setdefault(_name.casefold(), _trouble)


def find_troubles(text: str) -> tuple[Trouble, ...]:
    """The rows a text is about, best first: a code, a number, or what stands on the provider's page.

    Codes are known in pages of any language, sentences in English. Never raises; nothing for a text that
    holds no sign of any row.
    """
    return finding.find(TROUBLES, text)


def trouble_named(name: str) -> Trouble | None:
    """The row of exactly this key or code; the first, where several rows share a code."""
    return _NAMED.get(name.casefold())


def trouble_of_refusal(code: str, error: str = "", *, provider: str) -> Trouble | None:
    """The row of a refused sign-in. code: ours (sign_in_sentences.py); error: the provider's word, if any.

    Microsoft's rows are known by its numbers, which the most exact word is.
    """
    own = [trouble for trouble in TROUBLES if trouble.provider.value == provider]
    meant = [trouble for trouble in own if code in trouble.refusals]
    named = [trouble for trouble in meant if error in trouble.codes]
    if error and (not meant or provider == Provider.MICROSOFT.value):
        named = named or [trouble for trouble in own if error in trouble.codes]
    return next(iter(named or meant), None)
