"""Switches of a pretend provider: what may be set, and to what."""

from dataclasses import dataclass, fields, replace
from typing import Any, Self


@dataclass
class ChangeableSwitches:
    """The base of a provider's switches, a dataclass whose every field has a default."""

    def changed(self, **values: Any) -> Self:
        """A copy with these values; an unknown name or a wrong type is refused."""
        known = {field.name: field.default for field in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"There is no switch named {name}.")
            _check_type(name, known[name], value)
        return replace(self, **values)


def _check_type(name: str, default: object, value: object) -> None:
    if default is None or value is None:
        fits = value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    elif isinstance(default, bool | str):
        fits = type(value) is type(default)
    else:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
    if not fits:
        raise ValueError(f"The switch {name} does not take this value.")
