<?php
/**
 * What LateSync wrote down about the agents' calendar accounts.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Reads `{prefix}latesync_accounts`.
 *
 * An account is an array { agent_id: int, provider: string, state: string, consent_ends_at: int|null, message: string,
 * updated_at: int|null }, times in Unix seconds. Unreadable is null, never an empty list: "no account" must be proved.
 */
final class LateSync_Bridge_Accounts {

	const CONNECTED     = 'connected';
	const NEEDS_SIGN_IN = 'needs_sign_in';

	/** Inside this many seconds before its end a consent should be renewed. */
	const ENDING_SOON_S = 2 * DAY_IN_SECONDS;

	/** LateSync reports at least every 5 minutes; after this many seconds it is missed. */
	const SILENT_AFTER_S = 30 * MINUTE_IN_SECONDS;

	/**
	 * Every account, by agent and provider; null when the table cannot be read.
	 *
	 * @return array[]|null
	 */
	public static function all(): ?array {
		global $wpdb;
		// The page tells the owner in words; a database error in the middle of it would only frighten.
		$suppressed = $wpdb->suppress_errors( true );
		$table      = LateSync_Bridge_Tables::accounts();
		// Agent 0 is nobody's: LateSync takes its turns in that row (latesync/latepoint/turns.py).
		// phpcs:ignore WordPress.DB -- Our own table, its name made of $wpdb->prefix; read fresh on few pages.
		$rows   = $wpdb->get_results( "SELECT agent_id, provider, state, consent_ends_at, message, updated_at FROM `{$table}` WHERE agent_id <> 0 ORDER BY agent_id, provider", ARRAY_A );
		$failed = '' !== $wpdb->last_error;
		$wpdb->suppress_errors( $suppressed );
		return $failed || ! is_array( $rows ) ? null : array_map( array( __CLASS__, 'account' ), $rows );
	}

	/** Whether the table of busy times can be read too. */
	public static function is_busy_table_there(): bool {
		global $wpdb;
		$suppressed = $wpdb->suppress_errors( true );
		$table      = LateSync_Bridge_Tables::busy();
		// phpcs:ignore WordPress.DB -- Our own table, its name made of $wpdb->prefix; asked on few pages.
		$answer = $wpdb->query( "SELECT agent_id, starts_at, ends_at FROM `{$table}` LIMIT 0" );
		$wpdb->suppress_errors( $suppressed );
		return false !== $answer;
	}

	/**
	 * The accounts of some agents.
	 *
	 * @param array[] $accounts  From all().
	 * @param int[]   $agent_ids Whose.
	 * @return array[]
	 */
	public static function of( array $accounts, array $agent_ids ): array {
		$is_theirs = static function ( $account ) use ( $agent_ids ) {
			return in_array( $account['agent_id'], $agent_ids, true );
		};
		return array_values( array_filter( $accounts, $is_theirs ) );
	}

	/**
	 * When LateSync last wrote to the table (Unix seconds); null when it never did.
	 *
	 * @param array[] $accounts All of them.
	 */
	public static function last_report( array $accounts ): ?int {
		$times = array_filter( array_column( $accounts, 'updated_at' ) );
		return $times ? max( $times ) : null;
	}

	/**
	 * Whether the agent's calendar stands still until they sign in.
	 *
	 * @param array $account One account.
	 */
	public static function needs_sign_in( array $account ): bool {
		return self::NEEDS_SIGN_IN === $account['state'];
	}

	/**
	 * Whether a working account's consent ends within two days.
	 *
	 * @param array $account One account.
	 * @param int   $now     Unix seconds.
	 */
	public static function ends_soon( array $account, int $now ): bool {
		return self::CONNECTED === $account['state'] && null !== $account['consent_ends_at']
			&& $account['consent_ends_at'] - $now <= self::ENDING_SOON_S;
	}

	/**
	 * One row as an account.
	 *
	 * @param array $row Strings, as the database gives them.
	 */
	private static function account( array $row ): array {
		return array(
			'agent_id'        => (int) $row['agent_id'],
			'provider'        => (string) $row['provider'],
			'state'           => (string) $row['state'],
			'consent_ends_at' => self::instant( $row['consent_ends_at'] ),
			'message'         => (string) $row['message'],
			'updated_at'      => self::instant( $row['updated_at'] ),
		);
	}

	/**
	 * A DATETIME in UTC as Unix seconds; null for none, and for what is no time.
	 *
	 * @param string|null $text As stored.
	 */
	private static function instant( $text ): ?int {
		if ( null === $text || '' === $text || 0 === strpos( $text, '0000' ) ) {
			return null;
		}
		$seconds = strtotime( $text . ' UTC' );
		return false === $seconds ? null : $seconds;
	}
}
