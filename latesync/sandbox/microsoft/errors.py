"""Microsoft's error answers (microsoft-graph.md §5, §11)."""

from typing import Any

Json = dict[str, Any]


class GraphError(Exception):
    """A refusal by Graph, in the body shape of microsoft-graph.md §11.

    inner: code of the innerError, where Graph names a second one.
    extra: further members of `error`.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        inner: str | None = None,
        headers: dict[str, str] | None = None,
        extra: Json | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.inner = inner
        self.headers = headers or {}
        self.extra = extra or {}
