"""The languages LateSync writes in, and which one somebody reads."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from latesync.notify.language import Language
from latesync.notify.languages import de, en, es, fr, it, nl

DEFAULT_LANGUAGE = "en"
INVITATION = "invitation"

LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {module.LANGUAGE.code: module.LANGUAGE for module in (en, de, fr, es, it, nl)}
)


def language_of(code: str | None) -> Language:
    """English for a code we do not write in."""
    return LANGUAGES.get(code or "", LANGUAGES[DEFAULT_LANGUAGE])


def match_language(accept_language: str | None) -> str | None:
    """The language of ours that a browser's Accept-Language likes best (RFC 9110, 12.5.4).

    None when it likes none of them, or says nothing.
    """
    ranges = [_language_range(part) for part in (accept_language or "").split(",")]
    liked = sorted((found for found in ranges if found[1] > 0), key=lambda found: -found[1])
    return next((code for code, _ in liked if code in LANGUAGES), None)


def site_language(wplang: str | None) -> str | None:
    """The language of WordPress' option WPLANG ("de_DE_formal"); empty is its English.

    None when we do not write in it, or the option is not there.
    """
    if wplang is None:
        return None
    code = wplang.strip().replace("-", "_").split("_")[0].lower() or DEFAULT_LANGUAGE
    return code if code in LANGUAGES else None


def _language_range(text: str) -> tuple[str, float]:
    """ "de-CH;q=0.8" is ("de", 0.8); what cannot be understood is not liked."""
    tag, _, parameters = text.strip().partition(";")
    name, _, value = parameters.strip().partition("=")
    try:
        quality = float(value) if name.strip().lower() == "q" else 1.0
    except ValueError:
        quality = 0.0
    return tag.strip().split("-")[0].lower(), quality
