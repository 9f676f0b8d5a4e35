"""What the sign-in page and the token endpoint answer when they refuse (microsoft-graph.md §5)."""

import uuid
from datetime import UTC, datetime

from .errors import Json
from .refusals import Refusal

# What a policy asks for; whoever signs in again may hand it to the sign-in page (§5: claims).
_POLICY_CLAIMS = (
    '{"access_token":{"capolids":{"essential":true,"values":["7d1f9a2c-4b6e-4f0a-9c3d-5e8b1a2c3d4e"]}}}'
)


class Refused(Exception):
    """A refusal with its AADSTS number, shown on a page or answered as JSON."""

    def __init__(
        self,
        aadsts: int,
        error: str,
        text: str,
        *,
        suberror: str = "",
        status: int = 400,
        headers: dict[str, str] | None = None,
        claims: str = "",
    ) -> None:
        super().__init__(f"AADSTS{aadsts}")
        self.aadsts = aadsts
        self.error = error
        self.text = text
        self.suberror = suberror
        self.status = status
        self.headers = headers or {}
        self.claims = claims

    @classmethod
    def by(cls, row: Refusal, *, headers: dict[str, str] | None = None) -> "Refused":
        return cls(
            row.aadsts,
            row.error,
            row.text,
            suberror=row.suberror,
            status=row.status,
            headers=headers,
            claims=_POLICY_CLAIMS if row.by_policy else "",
        )

    @property
    def sentence(self) -> str:
        return f"AADSTS{self.aadsts}: {self.text}"

    def body(self, now_ts: float, correlation_id: str = "") -> Json:
        """The token endpoint's answer."""
        traced = Traced(now_ts, correlation_id)
        body: Json = {
            "error": self.error,
            "error_description": f"{self.sentence} {traced.text}",
            "error_codes": [self.aadsts],
            "timestamp": traced.timestamp,
            "trace_id": traced.trace_id,
            "correlation_id": traced.correlation_id,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.aadsts}",
        }
        if self.suberror:
            body["suberror"] = self.suberror
        if self.claims:
            body["claims"] = self.claims
        return body


class Traced:
    """The ids and the time that stand in every refusal."""

    def __init__(self, now_ts: float, correlation_id: str = "") -> None:
        self.timestamp = datetime.fromtimestamp(now_ts, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        self.trace_id = str(uuid.uuid4())
        self.correlation_id = correlation_id or str(uuid.uuid4())

    @property
    def text(self) -> str:
        return f"Trace ID: {self.trace_id} Correlation ID: {self.correlation_id} Timestamp: {self.timestamp}"


def missing(name: str) -> Refused:
    return Refused(
        900144, "invalid_request", f"The request body must contain the following parameter: '{name}'."
    )


def malformed(what: str = "") -> Refused:
    text = "Invalid request. Request is malformed or invalid."
    return Refused(9002313, "invalid_request", f"{text} {what}".strip())
