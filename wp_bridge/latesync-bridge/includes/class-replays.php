<?php
/**
 * Which signed messages have been here already.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Remembers the nonces of incoming messages for ten minutes.
 *
 * One row of the options table each, written past WordPress' caches: its unique key decides, also between two requests of
 * the same moment and whatever object cache is installed.
 */
final class LateSync_Bridge_Replays {

	/** The start of an option's name; 32 hex digits follow. */
	const PREFIX = 'latesync_bridge_nonce_';

	/** A message may be signed up to five minutes ahead of our clock and counts five minutes longer. */
	const KEPT_S = 2 * LateSync_Bridge_Signature::WINDOW_S;

	const PRUNED = 'latesync_bridge_pruned';

	/**
	 * Whether this nonce was never seen before. It is seen from now on.
	 *
	 * @param string $nonce 32 hex digits, verified.
	 * @throws RuntimeException When the database cannot tell: neither a new message nor a replay.
	 */
	public static function is_new( string $nonce ): bool {
		global $wpdb;
		$suppressed = $wpdb->suppress_errors( true );
		self::prune( time() );
		// phpcs:ignore WordPress.DB -- add_option() looks into caches first; only the unique key is atomic.
		$added = $wpdb->query(
			$wpdb->prepare(
				"INSERT IGNORE INTO {$wpdb->options} (option_name, option_value, autoload) VALUES (%s, %s, 'no')",
				self::PREFIX . $nonce,
				(string) time()
			)
		);
		$wpdb->suppress_errors( $suppressed );
		if ( false === $added ) {
			throw new RuntimeException( 'nonce not stored' );
		}
		return 1 === (int) $added;
	}

	/**
	 * Deletes what is too old to come back, at most once a minute.
	 *
	 * @param int $now Unix seconds.
	 */
	private static function prune( int $now ): void {
		global $wpdb;
		if ( false !== get_transient( self::PRUNED ) ) {
			return;
		}
		set_transient( self::PRUNED, $now, MINUTE_IN_SECONDS );
		// A range, so that the key on option_name serves; "g" follows the last hex digit.
		// phpcs:ignore WordPress.DB -- our own rows, which no cache holds.
		$wpdb->query(
			$wpdb->prepare(
				"DELETE FROM {$wpdb->options} WHERE option_name >= %s AND option_name < %s AND CAST(option_value AS UNSIGNED) < %d",
				self::PREFIX . '0',
				self::PREFIX . 'g',
				$now - self::KEPT_S
			)
		);
	}
}
