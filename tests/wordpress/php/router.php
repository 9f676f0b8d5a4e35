<?php
/**
 * What a web server's rewrite rules do: files as they are, wp-content from the site's own folder, the rest to WordPress.
 */

( static function () {
	$root = rtrim( $_SERVER['DOCUMENT_ROOT'], '/' );
	$path = rawurldecode( (string) parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH ) );
	if ( getenv( 'WP_TEST_NETWORK' ) ) {
		// A network's sites live in folders that do not exist: /two/wp-admin/ is /wp-admin/.
		$path = preg_replace( '#^/[^/]+(/(wp-(content|admin|includes)/.*|wp-[a-z-]+\.php))$#', '$1', $path );
		$path = preg_replace( '#^/[^/]+(/wp-admin)$#', '$1/', $path );
	}
	$file = 0 === strpos( $path, '/wp-content/' )
		? getenv( 'WP_TEST_CONTENT' ) . substr( $path, strlen( '/wp-content' ) )
		: $root . $path;
	if ( is_dir( $file ) && is_file( rtrim( $file, '/' ) . '/index.php' ) && '/' !== $path ) {
		if ( '/' !== substr( $path, -1 ) ) {
			header( "Location: $path/" );
			exit;
		}
		$file .= 'index.php';
		$path .= 'index.php';
	}
	if ( ! is_file( $file ) || '.php' !== substr( $file, -4 ) ) {
		if ( is_file( $file ) ) {
			$types = array( 'css' => 'text/css', 'js' => 'text/javascript', 'svg' => 'image/svg+xml', 'png' => 'image/png' );
			header( 'Content-Type: ' . ( $types[ pathinfo( $file, PATHINFO_EXTENSION ) ] ?? 'application/octet-stream' ) );
			readfile( $file );
			exit;
		}
		$file = $root . '/index.php';
		$path = '/index.php';
	}
	$_SERVER['SCRIPT_NAME']     = $path;
	$_SERVER['PHP_SELF']        = $path;
	$_SERVER['SCRIPT_FILENAME'] = $file;
	unset( $_SERVER['PATH_INFO'] );
	chdir( dirname( $file ) );
	$GLOBALS['latesync_test_file'] = $file;
} )();

// In the global scope, as a web server runs it: WordPress' variables are global.
require $GLOBALS['latesync_test_file'];
