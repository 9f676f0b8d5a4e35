<?php
/**
 * LatePoint's own calendar add-ons beside LateSync.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/** Both would write every booking into the agent's calendar (latepoint.md §0.10): say who is concerned. */
final class LateSync_Bridge_Official_Addons {

	/** The agent meta that names the calendar an add-on writes to (latepoint.md §3.5, §3.6). */
	const PUSH_KEYS = array( 'google_cal_selected_calendar_id_for_push', 'outlook_cal_selected_calendar_id_for_push' );

	/**
	 * A sentence about those that are switched on; none when none is.
	 *
	 * @param array[] $accounts All of LateSync's accounts.
	 * @return string[]
	 */
	public static function warnings( array $accounts ): array {
		// Their switches stay on in the database when LatePoint itself is off.
		$addons = LateSync_Bridge_Latepoint::is_active() ? LateSync_Bridge_Latepoint::official_addons() : array();
		if ( ! $addons ) {
			return array();
		}
		/* translators: %s: names of LatePoint's add-ons. */
		$text = sprintf( __( 'LatePoint’s own calendar add-on is switched on (%s). An agent who uses both gets every booking twice. Switch it off under LatePoint → Settings, or leave those agents out of LateSync.', 'latesync-bridge' ), implode( ', ', self::names( $addons ) ) );
		$both = self::agents_in_both( $accounts );
		if ( $both ) {
			/* translators: %s: names of agents. */
			$text .= ' ' . sprintf( __( 'Connected in both: %s.', 'latesync-bridge' ), LateSync_Bridge_Words::names( $both ) );
		}
		return array( $text );
	}

	/**
	 * The add-ons' names.
	 *
	 * @param string[] $addons Their codes.
	 * @return string[]
	 */
	private static function names( array $addons ): array {
		$names = array(
			'google_calendar'  => __( 'Google Calendar', 'latesync-bridge' ),
			'outlook_calendar' => __( 'Outlook Calendar', 'latesync-bridge' ),
		);
		return array_map(
			static function ( $code ) use ( $names ) {
				return $names[ $code ] ?? (string) $code;
			},
			array_values( $addons )
		);
	}

	/**
	 * Names of the agents who chose a calendar in an add-on and are connected to LateSync too.
	 *
	 * @param array[] $accounts All of LateSync's accounts.
	 * @return string[]
	 */
	private static function agents_in_both( array $accounts ): array {
		global $wpdb;
		$suppressed = $wpdb->suppress_errors( true );
		// phpcs:ignore WordPress.DB -- LatePoint's table, read on this page only; a failed read names nobody.
		$ids = $wpdb->get_col( $wpdb->prepare( "SELECT DISTINCT object_id FROM `{$wpdb->prefix}latepoint_agent_meta` WHERE meta_key IN (%s, %s) AND meta_value <> ''", self::PUSH_KEYS ) );
		$wpdb->suppress_errors( $suppressed );
		$working = array();
		foreach ( $accounts as $account ) {
			if ( 'disconnected' !== $account['state'] ) {
				$working[] = $account['agent_id'];
			}
		}
		$both  = array_intersect( array_map( 'intval', (array) $ids ), $working );
		$names = array_column( LateSync_Bridge_Latepoint::agents(), 'name', 'id' );
		return array_map(
			static function ( $agent_id ) use ( $names ) {
				return LateSync_Bridge_Words::agent( $agent_id, $names );
			},
			array_values( $both )
		);
	}
}
