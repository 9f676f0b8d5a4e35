<?php
/**
 * Removes what the plugin made: its two tables, its options and transients, on each site of a network.
 *
 * WordPress runs this file alone, without the plugin. Bookings and LatePoint's own tables are not touched.
 *
 * @package LateSync_Bridge
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

require_once __DIR__ . '/includes/class-tables.php';

/**
 * Deletes rows of an options-like table through WordPress, so that its caches know.
 *
 * Our names begin with latesync_bridge, transients' with _transient_ or _site_transient_ before that.
 *
 * @param string   $table  Table to look in.
 * @param string   $column Column that holds the name.
 * @param callable $delete Deletes one by name.
 */
function latesync_bridge_delete_named( string $table, string $column, callable $delete ): void {
	global $wpdb;
	$begins = array( '', '_transient_', '_transient_timeout_', '_site_transient_', '_site_transient_timeout_' );
	foreach ( $begins as $begin ) {
		$like = $wpdb->esc_like( $begin . 'latesync_bridge' ) . '%';
		// phpcs:ignore WordPress.DB -- names of core tables and columns; no cached reader exists for "begins with".
		$names = $wpdb->get_col( $wpdb->prepare( "SELECT `$column` FROM `$table` WHERE `$column` LIKE %s", $like ) );
		array_map( $delete, $names );
	}
}

/**
 * Removes everything of the current site.
 */
function latesync_bridge_uninstall_site(): void {
	global $wpdb;
	LateSync_Bridge_Tables::drop();
	latesync_bridge_delete_named( $wpdb->options, 'option_name', 'delete_option' );
	foreach ( (array) get_option( 'cron', array() ) as $hooks ) {
		foreach ( is_array( $hooks ) ? array_keys( $hooks ) : array() as $hook ) {
			if ( 0 === strpos( $hook, 'latesync_bridge' ) ) {
				wp_unschedule_hook( $hook );
			}
		}
	}
}

/**
 * Removes what belongs to users or to the network.
 */
function latesync_bridge_uninstall_shared(): void {
	global $wpdb;
	latesync_bridge_delete_named(
		$wpdb->usermeta,
		'meta_key',
		static function ( $key ) {
			delete_metadata( 'user', 0, $key, '', true );
		}
	);
	if ( is_multisite() ) {
		latesync_bridge_delete_named( $wpdb->sitemeta, 'meta_key', 'delete_site_option' );
	}
}

if ( is_multisite() ) {
	foreach ( get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) as $latesync_bridge_site ) {
		switch_to_blog( (int) $latesync_bridge_site );
		latesync_bridge_uninstall_site();
		restore_current_blog();
	}
} else {
	latesync_bridge_uninstall_site();
}
latesync_bridge_uninstall_shared();
