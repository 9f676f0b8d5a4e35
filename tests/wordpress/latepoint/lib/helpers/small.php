<?php
/**
 * Settings, time, who is logged in.
 *
 * @package LatePoint_Standin
 */

defined( 'ABSPATH' ) || exit;

class OsSettingsHelper {

	public static function get_settings_value( $name, $default = '' ) {
		global $wpdb;
		// Names are not unique: the first row counts (latepoint.md §6).
		$value = $wpdb->get_var( $wpdb->prepare( 'SELECT value FROM ' . LATEPOINT_TABLE_SETTINGS . ' WHERE name = %s ORDER BY id LIMIT 1', $name ) );
		return null === $value ? $default : $value;
	}

	public static function save_setting_by_name( $name, $value ) {
		global $wpdb;
		$wpdb->delete( LATEPOINT_TABLE_SETTINGS, array( 'name' => $name ) );
		return (bool) $wpdb->insert( LATEPOINT_TABLE_SETTINGS, array( 'name' => $name, 'value' => $value ) );
	}

	public static function is_on( $name, $default = false ) {
		return 'on' === self::get_settings_value( $name, $default );
	}
}

class OsTimeHelper {

	public static function get_wp_timezone() {
		return new DateTimeZone( self::get_wp_timezone_name() );
	}

	/**
	 * The zone's name, else an offset; the sign of less than an hour is lost, as in LatePoint (latepoint.md §2.2).
	 */
	public static function get_wp_timezone_name() {
		$name = get_option( 'timezone_string' );
		if ( $name ) {
			return $name;
		}
		$offset = (float) get_option( 'gmt_offset' );
		return sprintf( '%+03d:%02d', (int) $offset, abs( $offset - (int) $offset ) * 60 );
	}

	public static function now_datetime_object() {
		return new OsWpDateTime( 'now' );
	}

	/**
	 * For created_at and updated_at: UTC from 5.1.0 on, the site's time before (latepoint.md §2.8).
	 */
	public static function stamp() {
		return ( new DateTime( 'now', LATEPOINT_STANDIN_IS_4 ? self::get_wp_timezone() : new DateTimeZone( 'UTC' ) ) )->format( 'Y-m-d H:i:s' );
	}
}

class OsWpDateTime extends DateTime {

	public function __construct( $time = 'now', ?DateTimeZone $zone = null ) {
		parent::__construct( $time, $zone ? $zone : OsTimeHelper::get_wp_timezone() );
	}
}

class OsAuthHelper {

	public static function is_agent_logged_in() {
		return (bool) self::get_logged_in_agent_id();
	}

	public static function get_logged_in_agent_id() {
		if ( ! current_user_can( 'edit_bookings' ) || ! get_current_user_id() ) {
			return false;
		}
		$agent = ( new OsAgentModel() )->where( array( 'wp_user_id' => get_current_user_id() ) )->set_limit( 1 )->get_results_as_models();
		return $agent ? $agent->id : false;
	}

	public static function is_admin_logged_in() {
		return current_user_can( 'manage_options' );
	}
}
