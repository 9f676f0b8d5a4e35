<?php
/**
 * For the plugin's pure classes, without WordPress:
 *
 *     phpunit --bootstrap tests/wordpress/phpunit/bootstrap.php tests/wordpress/phpunit
 */

error_reporting( E_ALL );
// The plugin must not lean on the server's zone.
date_default_timezone_set( 'Pacific/Kiritimati' );

defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );

spl_autoload_register(
	static function ( string $name ): void {
		if ( 0 !== strpos( $name, 'LateSync_Bridge_' ) ) {
			return;
		}
		$file = str_replace( '_', '-', strtolower( substr( $name, strlen( 'LateSync_Bridge_' ) ) ) );
		$path = dirname( __DIR__, 3 ) . '/wp_bridge/latesync-bridge/includes/class-' . $file . '.php';
		if ( is_readable( $path ) ) {
			require_once $path;
		}
	}
);
