<?php
/**
 * One configuration for every test site: what differs comes from the environment of the PHP process.
 * The content folder is the site's own; WordPress' own files are shared by all sites and never written to.
 */

foreach ( array( 'NAME', 'HOST', 'USER', 'PASSWORD' ) as $latesync_test_part ) {
	define( 'DB_' . $latesync_test_part, (string) getenv( 'WP_TEST_DB_' . $latesync_test_part ) );
}
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
foreach ( array( 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ) as $latesync_test_part ) {
	define( $latesync_test_part . '_KEY', md5( 'key of a test site ' . $latesync_test_part ) );
	define( $latesync_test_part . '_SALT', md5( 'salt of a test site ' . $latesync_test_part ) );
}
$table_prefix = (string) getenv( 'WP_TEST_PREFIX' );

define( 'WP_CONTENT_DIR', (string) getenv( 'WP_TEST_CONTENT' ) );
define( 'WP_DEBUG', true );
define( 'WP_DEBUG_LOG', (string) getenv( 'WP_TEST_LOG' ) );
define( 'WP_DEBUG_DISPLAY', false );

// Nothing here reaches beyond this machine, and nothing happens that a test did not ask for.
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'WP_ACCESSIBLE_HOSTS', '127.0.0.1,localhost' );
define( 'DISABLE_WP_CRON', true );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
define( 'FS_METHOD', 'direct' );

if ( getenv( 'WP_TEST_NETWORK' ) ) {
	define( 'WP_ALLOW_MULTISITE', true );
	define( 'MULTISITE', true );
	define( 'SUBDOMAIN_INSTALL', false );
	define( 'DOMAIN_CURRENT_SITE', $_SERVER['HTTP_HOST'] ); // The server's port is known only to the request.
	define( 'PATH_CURRENT_SITE', '/' );
	define( 'SITE_ID_CURRENT_SITE', 1 );
	define( 'BLOG_ID_CURRENT_SITE', 1 );
}
if ( is_file( WP_CONTENT_DIR . '/test-constants.php' ) ) {
	require WP_CONTENT_DIR . '/test-constants.php';
}
if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';
