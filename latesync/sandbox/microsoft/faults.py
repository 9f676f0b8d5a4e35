"""Microsoft's failures on demand."""

from dataclasses import dataclass

from .. import faults
from .errors import GraphError


@dataclass
class Fault(faults.Fault):
    """As any fault; by default Graph is unavailable.

    reason: Graph's error code; at the token endpoint OAuth's `error`.
    aadsts: the number at the token endpoint; suberror: beside it, where there is one (§5).
    """

    reason: str = "serviceNotAvailable"
    message: str = "Service unavailable"
    aadsts: int = 90033
    suberror: str = ""

    def graph_error(self) -> GraphError:
        return GraphError(self.status, self.reason, self.message, headers=self.headers)


class Faults(faults.Faults[Fault]):
    """The rules in force."""
