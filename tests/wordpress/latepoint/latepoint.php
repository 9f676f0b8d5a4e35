<?php
/**
 * Plugin Name: LatePoint (a stand-in for LateSync's tests)
 * Description: Not LatePoint and no part of it: a small booking plugin of LateSync's own that offers the tables, classes, hooks and oddities described in LateSync's fact sheets, so that the bridge can be tested in a real WordPress.
 * Version:     5.6.5
 * Requires PHP: 7.4
 * License:     GPL-2.0-or-later
 *
 * Written from the facts (latepoint.md, latepoint-live.md) alone; identifiers are LatePoint's, the code is ours.
 * The version above decides which LatePoint it behaves like: 4.9.91 or 5.6.5. The tests write it on installing.
 *
 * @package LatePoint_Standin
 */

defined( 'ABSPATH' ) || exit;

define( 'LATEPOINT_STANDIN_FILE', __FILE__ );
define( 'LATEPOINT_STANDIN_VERSION', get_file_data( __FILE__, array( 'Version' => 'Version' ) )['Version'] );
define( 'LATEPOINT_STANDIN_IS_4', version_compare( LATEPOINT_STANDIN_VERSION, '5.0.0', '<' ) );

define( 'LATEPOINT_BOOKING_STATUS_APPROVED', 'approved' );
define( 'LATEPOINT_BOOKING_STATUS_PENDING', 'pending' );
define( 'LATEPOINT_BOOKING_STATUS_PAYMENT_PENDING', 'payment_pending' );
define( 'LATEPOINT_BOOKING_STATUS_CANCELLED', 'cancelled' );
define( 'LATEPOINT_BOOKING_STATUS_NO_SHOW', 'no_show' );
define( 'LATEPOINT_BOOKING_STATUS_COMPLETED', 'completed' );
define( 'LATEPOINT_ANY_AGENT', 'any' );
define( 'LATEPOINT_ANY_LOCATION', 'any' );

require_once __DIR__ . '/lib/database.php';
LatePoint_Standin_Database::define_tables();
require_once __DIR__ . '/lib/models/model.php'; // What the other models extend.

foreach ( array( 'misc', 'models', 'helpers', 'web' ) as $latepoint_standin_folder ) {
	foreach ( glob( __DIR__ . "/lib/$latepoint_standin_folder/*.php" ) as $latepoint_standin_file ) {
		require_once $latepoint_standin_file;
	}
}
require_once __DIR__ . '/lib/seed.php';

register_activation_hook( __FILE__, array( 'LatePoint_Standin_Seed', 'activate' ) );
add_action( 'init', array( 'LatePoint_Standin_Database', 'upgrade' ), 0 );
LatePoint_Standin_Routes::register();
LatePoint_Standin_Pages::register();
