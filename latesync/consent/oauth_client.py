"""The OAuth client the admin registered, as far as calls need it."""

from __future__ import annotations

from dataclasses import dataclass, field

from latesync.options import AccountType
from latesync.store.clients import ClientRow

# Whom the address lets in where no tenant is named (microsoft-graph.md H1, M4).
_PATHS = {
    AccountType.SINGLE: "organizations",
    AccountType.ANY: "organizations",
    AccountType.ANY_AND_PERSONAL: "common",
    AccountType.PERSONAL: "consumers",
}


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """tenant: the part of Microsoft's addresses that says who may sign in (H1); "" at Google."""

    client_id: str
    client_secret: str = field(repr=False)
    tenant: str = ""


def oauth_client(row: ClientRow) -> OAuthClient:
    tenant = tenant_path(row.tenant, row.account_type) if row.provider == "microsoft" else ""
    return OAuthClient(row.client_id, row.client_secret, tenant)


def tenant_path(tenant: str | None, account_type: AccountType | None) -> str:
    """The admin's tenant, else the word for the kind of accounts, else everybody's (H2)."""
    return tenant or _PATHS.get(account_type or AccountType.ANY_AND_PERSONAL, "common")
