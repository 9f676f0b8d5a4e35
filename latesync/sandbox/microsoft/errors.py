"""Microsoft's error answers (microsoft-graph.md §5, §11)."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from flask import Response

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

    def body(self, request_id: str, at: float, client_request_id: str = "") -> Json:
        """§11: the code, and the ids by which Microsoft's support finds the request."""
        inner: Json = {} if self.inner is None else {"code": self.inner}
        inner |= {
            "date": f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}",
            "request-id": request_id,
            "client-request-id": client_request_id or request_id,
        }
        return {"error": {"code": self.code, "message": self.message, **self.extra, "innerError": inner}}


def graph_answer(error: GraphError, *, at: float | None = None, client_request_id: str = "") -> Response:
    """The refusal as Graph sends it."""
    request_id = str(uuid.uuid4())
    now = datetime.now(UTC).timestamp() if at is None else at
    text = json.dumps(error.body(request_id, now, client_request_id), ensure_ascii=False)
    response = Response(text, error.status, content_type="application/json")
    response.headers["request-id"] = request_id
    response.headers["client-request-id"] = client_request_id or request_id
    response.headers.extend(error.headers)
    return response


def invalid_request(message: str, code: str = "ErrorInvalidRequest") -> GraphError:
    return GraphError(400, code, message)


def not_found(code: str = "ErrorItemNotFound") -> GraphError:
    return GraphError(404, code, "The specified object was not found in the store.")


def access_denied() -> GraphError:
    return GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
