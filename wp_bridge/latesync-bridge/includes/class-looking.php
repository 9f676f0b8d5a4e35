<?php
/**
 * Tells LateSync whose free times a visitor is looking at.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * "Someone is looking at agents 3 and 5": LateSync then reads those calendars at once, so that busy time is seconds old when
 * the visitor submits.
 *
 * Each agent at most once in ten seconds over all requests; decided at shutdown, when the visitor has their answer.
 */
final class LateSync_Bridge_Looking {

	const EVERY_S = 10;
	const OPTION  = 'latesync_bridge_looking';
	const GROUP   = 'latesync_bridge_looking';

	/**
	 * Agents of this request, id => true.
	 *
	 * @var array
	 */
	private static $agents = array();

	/** Nothing to hook: the availability filter calls note(). */
	public static function register(): void {
	}

	/**
	 * Remembers agents whose free times were just shown.
	 *
	 * @param array $agent_ids LatePoint's numbers.
	 */
	public static function note( array $agent_ids ): void {
		if ( ! self::$agents ) {
			add_action( 'shutdown', array( __CLASS__, 'send' ), PHP_INT_MAX - 1 );
		}
		foreach ( $agent_ids as $agent_id ) {
			if ( (int) $agent_id > 0 ) {
				self::$agents[ (int) $agent_id ] = true;
			}
		}
	}

	/** At shutdown: hands on those who were not named within the last ten seconds. */
	public static function send(): void {
		try {
			$agents       = array_keys( self::$agents );
			self::$agents = array();
			if ( ! $agents || ! LateSync_Bridge_Courier::is_useful() ) {
				return;
			}
			$due = wp_using_ext_object_cache() ? self::due_by_cache( $agents ) : self::due_by_option( $agents, time() );
			if ( $due ) {
				LateSync_Bridge_Courier::post( array( 'looking_at' => $due ) );
			}
		} catch ( Throwable $failure ) {
			LateSync_Bridge_Troubles::note( 'looking', get_class( $failure ) );
		}
	}

	/**
	 * Those who are due, with an object cache: adding a key succeeds once.
	 *
	 * @param int[] $agents Who was shown.
	 */
	private static function due_by_cache( array $agents ): array {
		$due = array();
		foreach ( $agents as $agent ) {
			if ( wp_cache_add( (string) $agent, 1, self::GROUP, self::EVERY_S ) ) {
				$due[] = $agent;
			}
		}
		return $due;
	}

	/**
	 * Stores who was named when. In a database that takes no writes nothing could be throttled, and nothing is said.
	 *
	 * @param int[] $named Agent id => Unix seconds.
	 */
	private static function remember( array $named ): bool {
		global $wpdb;
		$suppressed = $wpdb->suppress_errors( true );
		try {
			return update_option( self::OPTION, $named, false );
		} finally {
			$wpdb->suppress_errors( $suppressed );
		}
	}

	/**
	 * Those who are due, with one option: agent id => Unix seconds. Two requests at once may both name an agent; no harm.
	 *
	 * @param int[] $agents Who was shown.
	 * @param int   $now    Unix seconds.
	 */
	private static function due_by_option( array $agents, int $now ): array {
		$stored = get_option( self::OPTION, array() );
		$recent = array_filter(
			is_array( $stored ) ? $stored : array(),
			static function ( $at ) use ( $now ): bool {
				return is_int( $at ) && abs( $now - $at ) < self::EVERY_S;
			}
		);
		$due    = array_values( array_diff( $agents, array_keys( $recent ) ) );
		if ( $due ) {
			return self::remember( $recent + array_fill_keys( $due, $now ) ) ? $due : array();
		}
		return array();
	}
}
