<?php
/**
 * Plugin Name:       LateSync Bridge
 * Description:       Lets LateSync keep LatePoint in step with the agents' own calendars: busy time closes slots, bookings reach the calendar at once.
 * Version:           0.2.0
 * Requires at least: 6.1
 * Requires PHP:      7.4
 * Author:            The LateSync authors
 * License:           GPL-2.0-or-later
 * License URI:       https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:       latesync-bridge
 * Domain Path:       /languages
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

define( 'LATESYNC_BRIDGE_VERSION', '0.2.0' );
define( 'LATESYNC_BRIDGE_PROTOCOL', 1 );
define( 'LATESYNC_BRIDGE_FILE', __FILE__ );
define( 'LATESYNC_BRIDGE_DIR', __DIR__ . '/' );

/**
 * Loads a class of this plugin when it is first needed: LateSync_Bridge_Busy_Time is includes/class-busy-time.php.
 *
 * A file that is missing (an upload broken off half way) leaves its feature out, not the site.
 *
 * @param string $name Any class name.
 */
function latesync_bridge_load( $name ): void {
	if ( 0 !== strpos( $name, 'LateSync_Bridge_' ) ) {
		return;
	}
	$file = str_replace( '_', '-', strtolower( substr( $name, strlen( 'LateSync_Bridge_' ) ) ) );
	$path = LATESYNC_BRIDGE_DIR . 'includes/class-' . $file . '.php';
	if ( is_readable( $path ) ) {
		require_once $path;
	}
}

/**
 * Lets each feature add its hooks. Nothing else runs at load.
 *
 * One that fails is noted; the others, and the site, go on.
 */
function latesync_bridge_register(): void {
	$features = array( 'Tables', 'Availability', 'Staff_Calendar', 'Notes', 'Looking', 'Rest' );
	if ( is_admin() ) {
		$features = array_merge( $features, array( 'Settings_Page', 'Status_Page', 'My_Calendar', 'Notices' ) );
	}
	foreach ( $features as $feature ) {
		try {
			$class = 'LateSync_Bridge_' . $feature;
			$class::register();
		} catch ( Throwable $failure ) {
			LateSync_Bridge_Troubles::note( 'register', $feature . ' ' . get_class( $failure ) );
		}
	}
}

/**
 * Makes the translations known.
 */
function latesync_bridge_load_textdomain(): void {
	load_plugin_textdomain( 'latesync-bridge', false, dirname( plugin_basename( LATESYNC_BRIDGE_FILE ) ) . '/languages' );
}

spl_autoload_register( 'latesync_bridge_load' );
register_activation_hook( __FILE__, array( 'LateSync_Bridge_Tables', 'activate' ) );
add_action( 'init', 'latesync_bridge_load_textdomain' );
latesync_bridge_register();
