<?php
/**
 * Plugin Name:       LateSync Bridge
 * Description:       Lets LateSync keep LatePoint in step with the agents' own calendars: busy time closes slots, bookings reach the calendar at once.
 * Version:           0.5.0
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

define( 'LATESYNC_BRIDGE_VERSION', '0.5.0' );
define( 'LATESYNC_BRIDGE_PROTOCOL', 1 );
define( 'LATESYNC_BRIDGE_FILE', __FILE__ );
define( 'LATESYNC_BRIDGE_DIR', __DIR__ . '/' );

/**
 * The files of includes/: busy-time is class-busy-time.php with LateSync_Bridge_Busy_Time.
 */
const LATESYNC_BRIDGE_PARTS = array(
	'accounts',
	'answer',
	'availability',
	'booking-row',
	'breaker',
	'busy-time',
	'connection-string',
	'connection-words',
	'courier',
	'day-minutes',
	'forms',
	'gate',
	'greetings',
	'home',
	'latepoint',
	'link',
	'looking',
	'meeting',
	'my-calendar',
	'notes',
	'notices',
	'official-addons',
	'replays',
	'rest',
	'settings',
	'settings-page',
	'signature',
	'staff-calendar',
	'standing',
	'status-page',
	'status-table',
	'tables',
	'trouble-words',
	'troubles',
	'vacancy',
	'wall-clock',
	'wire',
	'words',
	'write-back',
);

/**
 * Whether every file is there. It is not after an upload that broke off, and for a moment during an update.
 */
function latesync_bridge_is_complete(): bool {
	foreach ( LATESYNC_BRIDGE_PARTS as $part ) {
		if ( ! is_readable( LATESYNC_BRIDGE_DIR . 'includes/class-' . $part . '.php' ) ) {
			return false;
		}
	}
	return true;
}

/**
 * Loads a class of this plugin when it is first needed.
 *
 * @param string $name Any class name.
 */
function latesync_bridge_load( $name ): void {
	if ( 0 !== strpos( $name, 'LateSync_Bridge_' ) ) {
		return;
	}
	$part = str_replace( '_', '-', strtolower( substr( $name, strlen( 'LateSync_Bridge_' ) ) ) );
	if ( in_array( $part, LATESYNC_BRIDGE_PARTS, true ) ) {
		require_once LATESYNC_BRIDGE_DIR . 'includes/class-' . $part . '.php';
	}
}

/**
 * Lets each feature add its hooks. Nothing else runs at load.
 *
 * One that fails is noted; the others, and the site, go on.
 */
function latesync_bridge_register(): void {
	$features = array( 'Tables', 'Availability', 'Staff_Calendar', 'Notes', 'Looking', 'Meeting', 'Rest' );
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
 * Tells administrators why the plugin does nothing.
 */
function latesync_bridge_say_incomplete(): void {
	if ( current_user_can( 'activate_plugins' ) ) {
		printf(
			'<div class="notice notice-error"><p><strong>%s</strong> %s</p></div>',
			esc_html__( 'LateSync Bridge is switched off:', 'latesync-bridge' ),
			esc_html__( 'some of its files are missing, so busy time closes no slots. Upload its zip file again under Plugins → Add New.', 'latesync-bridge' )
		);
	}
}

/**
 * Makes the translations known.
 */
function latesync_bridge_load_textdomain(): void {
	load_plugin_textdomain( 'latesync-bridge', false, dirname( plugin_basename( LATESYNC_BRIDGE_FILE ) ) . '/languages' );
}

add_action( 'init', 'latesync_bridge_load_textdomain' );
if ( latesync_bridge_is_complete() ) {
	spl_autoload_register( 'latesync_bridge_load' );
	register_activation_hook( __FILE__, array( 'LateSync_Bridge_Tables', 'activate' ) );
	// Loaded before anything can go wrong: every catch in the plugin turns to it.
	class_exists( 'LateSync_Bridge_Troubles' );
	latesync_bridge_register();
} else {
	add_action( 'admin_notices', 'latesync_bridge_say_incomplete' );
}
