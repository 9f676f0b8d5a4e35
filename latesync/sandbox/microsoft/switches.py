"""What is unsure about Microsoft, or differs between tenants, as switches (keys of microsoft-graph.md)."""

from dataclasses import dataclass

from ..switching import ChangeableSwitches


@dataclass
class Switches(ChangeableSwitches):
    """Every default is the documented behaviour, or the harder one where nothing is documented."""

    # Signing in
    auto_consent: bool = False  # the sign-in page answers at once, for tests over plain HTTP
    access_token_life_s: int | None = None  # C5: None is random, 60 to 90 minutes
    code_life_s: int = 600  # C2
    refresh_token_life_s: float = 90 * 86_400.0  # T1, T2: of each; every use brings a new one
    spa_token_life_s: float = 86_400.0  # T1, M5: counted from the sign-in
    rotates_refresh_tokens: bool = True  # T1
    policy_error: str = "interaction_required"  # T4: or "invalid_grant", for 50076, 50079 and 53003
    names_suberrors: bool = True  # §5: the pairings are observed only
    repeats_more_scopes: bool = True  # C4: the answer lists more than was asked for
    full_scope_names: bool = False  # C4: whether they begin with Graph's address; seen both ways
    revoking_ends_access_tokens: bool = False  # C5: they live on for their time, but for CAE
    spa_refuses_servers: bool = False  # M5: a code of platform "spa" may be redeemed by a browser only
    strict_parameters: bool = True  # refuse what we cannot know to be right, to catch our own mistakes

    # Graph: requests
    limits: bool = True  # L1
    requests_per_ten_minutes: int = 10_000  # L1, per app and mailbox
    concurrency_limit: int = 4  # L1, per app and mailbox
    retry_after_s: int = 10  # L3
    missing_mailbox_status: int = 403  # §11: MailboxNotEnabledForRESTAPI comes as 403 or 404
    conflicts: int = 0  # E14: so many changes of events are answered 412 without a reason
    batch_reverses_order: bool = True  # L4: replies come in no order
    batch_part_latency_s: float = 0.0

    # Graph: events
    # E8: or "400_with_id", "409", "409_with_id", "existing" (201), "existing_200", "created" (a second one)
    duplicate_answer: str = "400"
    transaction_ids_outlive_events: bool = True  # E8: unknown whether a deleted event's may be used again
    malformed_ids_are_refused: bool = True  # §11: ErrorInvalidIdMalformed; False: not found, like any other
    new_events_hide_s: float = 0.0  # §11: 404 for a while after the create; not in listings and views either
    ids_differ_by_case: bool = False  # E12: a new event's id is the last one's but for a letter's case
    # Whether a GET by id also finds events in other calendars than its path's, and in Deleted Items: an
    # immutable id outlives both (E11), and nobody documents what the path then means.
    gets_find_what_moved: bool = False
    all_day_shifts: bool = True  # E2: read in another zone, an all-day event does not begin at midnight
    copies_carry_marks: bool = True  # whether a person's copy keeps extended properties and transactionId
    meetings_take_s: float = 0.0  # E16: the link may come later
    meetings_fail: bool = False  # E16: the link never comes
    disallowed_meetings: str = "ignored"  # E16: or "refused", where the calendar does not allow the provider

    # Graph: delta
    nonprimary_delta: bool = True  # D8: False refuses it
    delta_occurrences: str = "bare"  # or "complete"; seen with id, type, master and times only
    delta_shows_masters: bool = True  # beside bare occurrences; not always there (keeper.sh pull 409)
    delta_order: str = "shuffled"  # D6: or "by_start"
    delta_duplicates: bool = False  # D6: each item twice, an outdated one first
    delta_empty_pages: bool = False  # D6: an empty page with a nextLink before every other
    delta_page_size: int = 50  # unless the caller prefers another
    page_size_cap: int | None = None  # no page of a delta has more, whatever the caller prefers
    delta_death: str = "410"  # D7: "410", "410_resync", "400", "400_inner", "404", "400_resync"
    delta_token_life_s: float | None = None  # D7: not fixed

    # Graph: subscriptions
    subscription_most_minutes: int = 10_080  # S1
    # S1: "me/events" is said to be all of the mailbox, and was seen to tell of the primary calendar only
    # (microsoft-graph-docs issues 6595, 21978).
    subscriptions_cover_mailbox: bool = False
    notification_tries: int = 3  # S3: repeated for four hours; here so often, at once
