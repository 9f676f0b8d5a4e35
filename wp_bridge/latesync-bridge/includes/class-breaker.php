<?php
/**
 * A LateSync that does not answer is left alone for a minute.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Circuit breaker: after a failure nothing is attempted for a minute, then one request tries, and so on.
 *
 * One row of the options table (Unix seconds until which it is open; 0 closed), read and written past WordPress' caches:
 * an object cache would show an old value, and only a conditional UPDATE picks one among many waiting requests.
 */
final class LateSync_Bridge_Breaker {

	const OPTION = 'latesync_bridge_breaker';
	const OPEN_S = 60;

	/**
	 * Whether nothing should be attempted now.
	 *
	 * @param int $now Unix seconds.
	 */
	public static function is_open( int $now ): bool {
		return self::holds( self::until(), $now );
	}

	/**
	 * Whether this request may try. While LateSync is failing only one request a minute gets a yes.
	 *
	 * @param int $now Unix seconds.
	 */
	public static function claim( int $now ): bool {
		$until = self::until();
		if ( 0 === $until ) {
			return true;
		}
		return ! self::holds( $until, $now ) && self::move( $until, $now + self::OPEN_S );
	}

	/**
	 * Opens it for a minute.
	 *
	 * @param int $now Unix seconds.
	 */
	public static function trip( int $now ): void {
		global $wpdb;
		// phpcs:ignore WordPress.DB -- past the caches, see above.
		$wpdb->query(
			$wpdb->prepare(
				"INSERT INTO {$wpdb->options} (option_name, option_value, autoload) VALUES (%s, %s, 'no')
				ON DUPLICATE KEY UPDATE option_value = VALUES(option_value)",
				self::OPTION,
				(string) ( $now + self::OPEN_S )
			)
		);
	}

	/** When the last try failed, in Unix seconds; 0 while it is closed. */
	public static function failed_at(): int {
		$until = self::until();
		return 0 === $until ? 0 : min( $until - self::OPEN_S, time() );
	}

	/** Closes it: LateSync answered. True when it was not closed before. */
	public static function close(): bool {
		$until = self::until();
		return 0 !== $until && self::move( $until, 0 );
	}

	/**
	 * Whether a moment still keeps it open. One further away than we ever set comes from a clock that was wrong.
	 *
	 * @param int $until Unix seconds; 0 is closed.
	 * @param int $now   Unix seconds.
	 */
	private static function holds( int $until, int $now ): bool {
		return $until > $now && $until <= $now + self::OPEN_S;
	}

	/** What is stored. A database that does not answer has other worries: nothing is attempted then. */
	private static function until(): int {
		global $wpdb;
		// phpcs:ignore WordPress.DB -- past the caches, see above.
		$stored = $wpdb->get_var( $wpdb->prepare( "SELECT option_value FROM {$wpdb->options} WHERE option_name = %s", self::OPTION ) );
		return '' === $wpdb->last_error ? (int) $stored : time() + self::OPEN_S;
	}

	/**
	 * Moves the moment; false when another request was sooner.
	 *
	 * @param int $from Unix seconds, as read.
	 * @param int $to   Unix seconds, to be written.
	 */
	private static function move( int $from, int $to ): bool {
		global $wpdb;
		// phpcs:ignore WordPress.DB -- past the caches, see above.
		return 1 === $wpdb->update(
			$wpdb->options,
			array( 'option_value' => (string) $to ),
			array(
				'option_name'  => self::OPTION,
				'option_value' => (string) $from,
			)
		);
	}
}
