"""Google's failures on demand."""

from dataclasses import dataclass

from .. import faults
from .errors import ApiError


@dataclass
class Fault(faults.Fault):
    """As any fault; by default Google's backend fails. OAuth's shape is taken at /token and /revoke."""

    reason: str = "backendError"
    message: str = "Backend Error"
    domain: str = "global"

    def api_error(self) -> ApiError:
        return ApiError(self.status, self.reason, self.message, domain=self.domain, headers=self.headers)


class Faults(faults.Faults[Fault]):
    """The rules in force."""
