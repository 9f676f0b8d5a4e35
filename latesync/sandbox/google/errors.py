"""Google's error answers (google-calendar.md §18, §6)."""

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """A refusal by the Calendar API, in the body shape of google-calendar.md §18."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        location: str | None = None,
        location_type: str = "parameter",
        headers: dict[str, str] | None = None,
        extra: Json | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self._item: Json = {"domain": domain, "reason": reason, "message": message}
        if location:
            self._item |= {"locationType": location_type, "location": location}
        self._extra = extra or {}

    def body(self) -> Json:
        message = self._item["message"]
        return {"error": {"errors": [self._item], "code": self.status, "message": message, **self._extra}}


class TokenError(Exception):
    """A refusal by the token endpoint (google-calendar.md §6)."""

    def __init__(
        self, status: int, error: str, description: str | None = None, subtype: str | None = None
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.description = description
        self.subtype = subtype

    def body(self) -> Json:
        body: Json = {"error": self.error}
        if self.description:
            body["error_description"] = self.description
        if self.subtype:
            body["error_subtype"] = self.subtype
        return body


class PageError(Exception):
    """An error shown to the person on Google's sign-in page; it never reaches the callback (§7).

    code: empty where Google's page shows none.
    """

    def __init__(self, status: int, code: str, sentence: str, heading: str = "Access blocked") -> None:
        super().__init__(code or heading)
        self.status = status
        self.code = code
        self.sentence = sentence
        self.heading = heading


def invalid(message: str, location: str | None = None) -> ApiError:
    return ApiError(400, "invalid", message, location=location)


def required(message: str) -> ApiError:
    return ApiError(400, "required", message)


def not_found() -> ApiError:
    return ApiError(404, "notFound", "Not Found")


def forbidden(message: str = "Forbidden", reason: str = "forbidden") -> ApiError:
    return ApiError(403, reason, message)
