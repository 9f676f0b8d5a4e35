"""Where Microsoft answers, or where a stand-in for it does."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class MicrosoftEndpoints:
    """Every address we call.

    login: the identity platform; a tenant is appended to it (microsoft-graph.md H1). graph: with its version
      and a slash. standin: whether somebody else answers there in Microsoft's stead.
    """

    login: str
    graph: str
    standin: bool = False

    @property
    def is_on_loopback(self) -> bool:
        """Only there a certificate of the stand-in's own is taken."""
        return self.standin and urlsplit(self.graph).hostname in LOOPBACK

    def is_graphs(self, link: str) -> bool:
        """Whether a link leads to Graph: it came in an answer, and our token goes where it leads."""
        try:
            there, ours = urlsplit(link), urlsplit(self.graph)
        except ValueError:
            return False
        same_origin = (there.scheme, there.netloc) == (ours.scheme, ours.netloc)
        return same_origin and there.path.startswith(ours.path)


MICROSOFT = MicrosoftEndpoints(
    login="https://login.microsoftonline.com",
    graph="https://graph.microsoft.com/v1.0/",
)


def microsoft_endpoints(base_url: str | None) -> MicrosoftEndpoints:
    """The real endpoints, or those of a stand-in under one address (design.md §8)."""
    if base_url is None:
        return MICROSOFT
    base = base_url.rstrip("/")
    return MicrosoftEndpoints(login=base, graph=f"{base}/v1.0/", standin=True)
