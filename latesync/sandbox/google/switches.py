"""What is unsure about Google, or differs between accounts, as switches (keys of google-calendar.md)."""

from dataclasses import dataclass

from ..switching import ChangeableSwitches


@dataclass
class Switches(ChangeableSwitches):
    """Every default is the documented behaviour, or the harder one where nothing is documented."""

    # Signing in
    auto_consent: bool = False  # the sign-in page answers at once, for tests over plain HTTP
    boxes_start_ticked: bool = True  # T8 says boxes exist, not how they start
    access_token_life_s: int = 3599  # T2
    code_life_s: int = 600
    live_refresh_tokens: int = 100  # L3, per account and client
    names_the_end: bool = True  # T4, seen and not promised: refresh_token_expires_in for apps in Testing
    refresh_repeats_expiry: bool = False  # T5: refresh_token_expires_in also in refresh answers
    idle_clients_are_deleted: bool = True  # C3: after six months without a token exchange
    unauthorized_client_status: int = 401  # §6: 401 or 400
    revocation_bites_after_s: float = 0  # §6: "may take a while to bite"
    includes_id_token: bool = True  # T1
    warns_of_unverified_apps: bool = False  # A1, A3: a page of its own, beside the note on the consent page
    settings_take_s: float = 0  # R9: until a new client, or a changed list of redirect URIs, is in effect

    # Requests
    strict_parameters: bool = True  # refuse unknown query parameters, to catch our own mistakes
    api_enabled: bool = True  # C4: False answers accessNotConfigured
    newer_error_bodies: bool = True  # §18: `status` and `details[]` beside `errors[]`, where known
    quotas: bool = False  # Q1, Q2
    quota_per_user_minute: int = 600  # Q1
    quota_per_project_minute: int = 10_000  # Q1
    quota_status: int = 403  # Q2: 403 or 429
    quota_retry_after_s: int | None = None  # §18: Retry-After is not promised
    writes_per_calendar_minute: int | None = None  # I11, unpublished
    outside_guests_per_day: int | None = None  # Q4, unpublished
    batch_part_latency_s: float = 0.0
    batch_conflicts: int = 0  # Q5: so many writes inside batches are answered 409 conflict
    batch_reverses_order: bool = False  # Q5: order is not guaranteed

    # Events
    revive: str = "forbidden"  # I3: "forbidden" or "allowed"
    undetected_collision: bool = False  # E3: a second insert with the same id overwrites silently
    bare_tombstones: bool = True  # X4, Y7: only id (and the X4 fields) of what is cancelled
    tombstone_life_days: float | None = None  # I9: then 404
    vanished_ids_stay_taken: bool = True  # I2 and I9 together: not documented
    zero_length_events: bool = False  # whether end may equal start is not documented
    meetings_take_s: float = 1.0  # E18: asynchronous, no time is documented
    meetings_fail: bool = False  # E18: statusCode "failure"
    meetings_allowed: bool = True  # E18: allowedConferenceSolutionTypes may be empty
    status_events_allowed: bool = True  # §10: outOfOffice, focusTime "some accounts only"
    repeated_properties_all_match: bool = True  # E6: sources contradict each other

    # Listing
    page_size_cap: int = 2500  # Y2
    empty_pages: bool = False  # Y2: an empty page with nextPageToken before every full one
    sync_token_life_days: float | None = None  # Y9: no lifetime is documented
    bare_gone: bool = False  # Y14: 410 without a recognisable reason
    token_bounds_single_events: bool = False  # Y6: whether the first window filters later results
    token_fixes_parameters: bool = True  # Y4: changed parameters are refused instead of undefined
    expansion_days: int = 5110  # Y6, Y12: endless series were seen expanded 14 years ahead
    cancelled_instances_days: int | None = 183  # X7: instances reported when a series is deleted
    updated_min_days: int = 28  # Y10
    freebusy_max_days: int | None = 92  # F3, reported once
    freebusy_merges: bool = True  # F4
