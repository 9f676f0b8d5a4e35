<?php
/**
 * What the owner told the plugin.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * One autoloaded option, so that reading a setting costs no query.
 *
 * `address` LateSync's base URL without a slash at the end; `secret` shared with LateSync; `site` LateSync's id of
 * this site or ''; `homes` what is kept of the address it was connected under; `schema` the version of the two tables.
 */
class LateSync_Bridge_Settings {

	const OPTION = 'latesync_bridge';

	/**
	 * One setting.
	 *
	 * @param string $name    Which.
	 * @param mixed  $default What to answer when it was never set.
	 * @return mixed
	 */
	public static function get( string $name, $default = '' ) {
		$settings = self::all();
		return array_key_exists( $name, $settings ) ? $settings[ $name ] : $default;
	}

	/**
	 * Changes some settings and keeps the others.
	 *
	 * @param array $changes Setting => new value.
	 */
	public static function set( array $changes ): void {
		update_option( self::OPTION, array_merge( self::all(), $changes ), true );
	}

	/**
	 * Whether LateSync's address and the shared secret are known, and this is the site they are for.
	 */
	public static function is_connected(): bool {
		return '' !== (string) self::get( 'address' ) && '' !== (string) self::get( 'secret' ) && ! LateSync_Bridge_Home::is_copy();
	}

	/**
	 * All settings as stored; none when somebody else's value stands there.
	 */
	private static function all(): array {
		$stored = get_option( self::OPTION, array() );
		return is_array( $stored ) ? $stored : array();
	}
}
