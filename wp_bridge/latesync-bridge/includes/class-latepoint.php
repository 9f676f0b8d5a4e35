<?php
/**
 * Small facts about the LatePoint at hand.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Reads, never writes. Without LatePoint every answer is empty and nothing fails.
 */
final class LateSync_Bridge_Latepoint {

	/** Whether LatePoint is there; ask from plugins_loaded on. */
	public static function is_active(): bool {
		return class_exists( 'OsBookingModel' ) && class_exists( 'OsBookingHelper' );
	}

	/** LatePoint's version, '' when unknown. It stands for sure only in the plugin's header (latepoint.md §1.1). */
	public static function version(): string {
		if ( defined( 'LATEPOINT_VERSION' ) ) {
			return (string) LATEPOINT_VERSION;
		}
		$file = WP_PLUGIN_DIR . '/latepoint/latepoint.php';
		if ( ! self::is_active() || ! is_readable( $file ) ) {
			return '';
		}
		return (string) get_file_data( $file, array( 'version' => 'Version' ) )['version'];
	}

	/**
	 * The full name of one of LatePoint's tables: each site of a network has its own (latepoint.md §1.1).
	 *
	 * @param string $name Without prefix: "bookings".
	 */
	public static function table( string $name ): string {
		global $wpdb;
		return $wpdb->prefix . 'latepoint_' . $name;
	}

	/**
	 * Active agents in LatePoint's order of numbers.
	 *
	 * @return array[] Each array( 'id' => int, 'name' => string, 'has_user' => bool, whether a WordPress user is chosen
	 *                 for them (latepoint.md §4.3) ).
	 */
	public static function agents(): array {
		$agents = array();
		$query  = 'SELECT id, first_name, last_name, display_name, wp_user_id FROM ' . self::table( 'agents' ) . " WHERE status = 'active' ORDER BY id";
		foreach ( self::rows( $query ) as $row ) {
			$full     = trim( $row['first_name'] . ' ' . $row['last_name'] );
			$agents[] = array(
				'id'       => (int) $row['id'],
				'name'     => '' !== $full ? $full : trim( (string) $row['display_name'] ),
				'has_user' => (int) $row['wp_user_id'] > 0,
			);
		}
		return $agents;
	}

	/**
	 * The active agents a WordPress user is. LatePoint checks in PHP only that it is one (latepoint.md §4.3).
	 *
	 * @param int $wp_user_id WordPress' number of the user; 0, a visitor, is nobody.
	 * @return int[]
	 */
	public static function agent_ids_of_user( $wp_user_id ): array {
		global $wpdb;
		if ( (int) $wp_user_id <= 0 ) {
			return array();
		}
		$query = 'SELECT id FROM ' . self::table( 'agents' ) . " WHERE wp_user_id = %d AND status = 'active' ORDER BY id";
		// phpcs:ignore WordPress.DB -- the table's name is ours to build.
		return array_map( 'intval', array_column( self::rows( $wpdb->prepare( $query, (int) $wp_user_id ) ), 'id' ) );
	}

	/**
	 * LatePoint's own calendar add-ons that are switched on: two syncs on one agent write everything twice (latepoint.md §0.10).
	 *
	 * @return string[] 'google_calendar' and/or 'outlook_calendar'.
	 */
	public static function official_addons(): array {
		// Names are not unique; LatePoint reads the first by id (latepoint.md §6), which the last assignment keeps.
		$query  = 'SELECT name, value FROM ' . self::table( 'settings' )
			. " WHERE name IN ('enable_google_calendar', 'enable_outlook_calendar') ORDER BY id DESC";
		$values = array_column( self::rows( $query ), 'value', 'name' );
		$addons = array();
		foreach ( array( 'google_calendar', 'outlook_calendar' ) as $code ) {
			if ( 'on' === ( $values[ 'enable_' . $code ] ?? '' ) ) {
				$addons[] = $code;
			}
		}
		return $addons;
	}

	/**
	 * The rows of a query; none when a table or a column is missing.
	 *
	 * @param string $query Prepared.
	 */
	private static function rows( string $query ): array {
		global $wpdb;
		$suppressed = $wpdb->suppress_errors( true );
		// phpcs:ignore WordPress.DB -- prepared by the callers.
		$rows = $wpdb->get_results( $query, ARRAY_A );
		$wpdb->suppress_errors( $suppressed );
		return is_array( $rows ) ? $rows : array();
	}
}
