<?php
/**
 * Runs PHP from standard input inside WordPress and prints what it returns as JSON, behind a mark.
 *
 * Arguments: the mark, a user's login or '', the path of a network's site.
 */

list( , $latesync_test_mark, $latesync_test_user, $latesync_test_path ) = $argv;

$_SERVER['HTTP_HOST']       = (string) getenv( 'WP_TEST_HTTP_HOST' );
$_SERVER['SERVER_NAME']     = '127.0.0.1';
$_SERVER['REQUEST_METHOD']  = 'GET';
$_SERVER['REQUEST_URI']     = $latesync_test_path;
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';

if ( 'install' === $latesync_test_user ) {
	define( 'WP_INSTALLING', true );
}
require getenv( 'WP_TEST_ROOT' ) . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/admin.php';

if ( 'install' === $latesync_test_user ) {
	require_once ABSPATH . 'wp-admin/includes/upgrade.php';
} elseif ( '' !== $latesync_test_user ) {
	wp_set_current_user( 0, $latesync_test_user );
}
$latesync_test_result = eval( stream_get_contents( STDIN ) ); // phpcs:ignore Squiz.PHP.Eval -- That is its purpose.
echo $latesync_test_mark, json_encode( $latesync_test_result, JSON_THROW_ON_ERROR ), $latesync_test_mark;
