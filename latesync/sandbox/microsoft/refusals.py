"""Every refusal of Microsoft's sign-in by name (microsoft-graph.md §5); the pairings are observed only."""

from dataclasses import dataclass, replace

from .switches import Switches


@dataclass(frozen=True)
class Refusal:
    """One row of §5.

    text: what follows the AADSTS number.
    by_policy: `error` is what the switch policy_error says (T4).
    stops_sign_in: also met at the sign-in page; the others are cured by signing in again.
    """

    aadsts: int
    error: str
    text: str
    suberror: str = ""
    status: int = 400
    by_policy: bool = False
    stops_sign_in: bool = False


REFUSALS = {
    "unknown": Refusal(
        50034,
        "invalid_grant",
        "The user account does not exist in the directory. To sign into this application, the account must "
        "be added to the directory.",
        stops_sign_in=True,
    ),
    "disabled": Refusal(50057, "invalid_grant", "The user account is disabled.", stops_sign_in=True),
    "foreign": Refusal(
        50020,
        "invalid_grant",
        "User account from identity provider does not exist in tenant and cannot access the application in "
        "that tenant. The account needs to be added as an external user in the tenant first. Sign out and "
        "sign in again with a different Azure Active Directory user account.",
        stops_sign_in=True,
    ),
    "password_expired": Refusal(50055, "invalid_grant", "The password is expired."),
    "mfa": Refusal(
        50076,
        "interaction_required",
        "Due to a configuration change made by your administrator, or because you moved to a new location, "
        "you must use multi-factor authentication to access '00000003-0000-0000-c000-000000000000'.",
        suberror="basic_action",
        by_policy=True,
    ),
    "mfa_enrolment": Refusal(
        50079,
        "interaction_required",
        "Due to a configuration change made by your administrator, or because you moved to a new location, "
        "you must enroll in multi-factor authentication to access '00000003-0000-0000-c000-000000000000'.",
        suberror="basic_action",
        by_policy=True,
    ),
    "revoked": Refusal(
        50173,
        "invalid_grant",
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user "
        "might have changed or reset their password.",
    ),
    "blocked": Refusal(
        53003,
        "interaction_required",
        "Access has been blocked by Conditional Access policies. The access policy does not allow token "
        "issuance.",
        suberror="message_only",
        by_policy=True,
        stops_sign_in=True,
    ),
    "blocked_by_security_policy": Refusal(
        530032, "access_denied", "User blocked due to risk on home tenant.", stops_sign_in=True
    ),
    "no_consent": Refusal(
        65001,
        "invalid_grant",
        "The user or administrator has not consented to use the application. Send an interactive "
        "authorization request for this user and resource.",
        suberror="consent_required",
    ),
    "bad_grant": Refusal(
        70000, "invalid_grant", "The provided value for the input parameter is not valid or has expired."
    ),
    "expired": Refusal(
        70008,
        "invalid_grant",
        "The provided authorization code or refresh token has expired due to inactivity. Send a new "
        "interactive authorization request for this user and resource.",
    ),
    "sign_in_frequency": Refusal(
        70043,
        "invalid_grant",
        "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.",
        suberror="bad_token",
    ),
    "idle": Refusal(
        700082,
        "invalid_grant",
        "The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00.",
        suberror="token_expired",
    ),
    "spa": Refusal(
        700084,
        "invalid_grant",
        "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited "
        "lifetime of 1.00:00:00, which can't be extended. It is now expired and a new sign in request must "
        "be sent by the SPA to the sign in page.",
    ),
    "no_app": Refusal(
        700016,
        "unauthorized_client",
        "Application was not found in the directory. This can happen if the application has not been "
        "installed by the administrator of the tenant or consented to by any user in the tenant. You may "
        "have sent your authentication request to the wrong tenant.",
        stops_sign_in=True,
    ),
    "wrong_secret": Refusal(
        7000215,
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
        "value, not the client secret ID, for a secret added to the app.",
        status=401,
    ),
    "secret_expired": Refusal(
        7000222,
        "invalid_client",
        "The provided client secret keys for the app are expired. Visit the Azure portal to create new keys"
        " for your app.",
        status=401,
    ),
    "secret_missing": Refusal(
        7000218,
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        status=401,
    ),
    "admin_consent": Refusal(
        90094,
        "access_denied",
        "An administrator of the organization must grant permission to this app before it can be used.",
        stops_sign_in=True,
    ),
    "transient": Refusal(
        90033, "temporarily_unavailable", "A transient error has occurred. Please try again.", status=503
    ),
    "server_error": Refusal(
        90090, "server_error", "Service encountered an error authenticating the user. Try again.", status=500
    ),
    "throttled": Refusal(
        90055, "temporarily_unavailable", "Tenant throttled: too many incoming requests.", status=429
    ),
}


def refusal(name: str, switches: Switches) -> Refusal:
    """The row, as the switches want it. Raises ValueError for a name that is not there."""
    if name not in REFUSALS:
        raise ValueError(f"A refusal is one of {', '.join(REFUSALS)}.")
    row = REFUSALS[name]
    if row.by_policy:
        row = replace(row, error=switches.policy_error)
    return row if switches.names_suberrors else replace(row, suberror="")
