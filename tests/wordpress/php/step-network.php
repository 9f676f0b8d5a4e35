<?php
/**
 * Turns an installed WordPress into a network of sites in folders.
 */

require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/network.php';
foreach ( $GLOBALS['wpdb']->tables( 'ms_global' ) as $name => $table ) {
	$GLOBALS['wpdb']->$name = $table;
}
install_network();
$made = populate_network( 1, (string) getenv( 'WP_TEST_HTTP_HOST' ), 'admin@example.test', 'Test salons', '/', false );
return is_wp_error( $made ) ? $made->get_error_messages() : true;
