"""What changed, in order."""


class ChangeLog:
    """Ids in the order of their latest change, each with its number."""

    def __init__(self, numbers: dict[str, int] | None = None) -> None:
        self.numbers = numbers or {}
        self.last = max(self.numbers.values(), default=0)

    def note(self, key: str) -> None:
        self.last += 1
        self.numbers.pop(key, None)
        self.numbers[key] = self.last

    def since(self, number: int) -> list[tuple[str, int]]:
        """What changed after `number`, oldest first, without looking at anything older."""
        found: list[tuple[str, int]] = []
        for key, at in reversed(self.numbers.items()):
            if at <= number:
                break
            found.append((key, at))
        found.reverse()
        return found
