<?php
/**
 * What every file of the plugin has: the guard against being opened directly, and one class under its own name.
 *
 * @package LateSync_Bridge
 */

const GUARDS = array( 'uninstall.php' => 'WP_UNINSTALL_PLUGIN' );

function check_file( Source $source ): Generator {
	$name  = basename( $source->path );
	$guard = GUARDS[ $name ] ?? 'ABSPATH';
	$is_empty = 1 === count( $source->tokens ); // index.php, against a listing of the folder
	if ( ! $is_empty && ! is_guarded( $source, $guard ) ) {
		yield array( 1, 'guard', "begins without defined( '$guard' ) || exit;" );
	}
	if ( preg_match( '/^class-(.+)\.php$/', $name, $found ) ) {
		$expected = 'latesync_bridge_' . str_replace( '-', '_', $found[1] );
		$declared = declared_classes( $source );
		if ( array( $expected ) !== array_map( 'strtolower', $declared ) ) {
			yield array( 1, 'class-name', "$name declares " . implode( ', ', $declared ) . " instead of $expected" );
		}
	}
}

/** The guard is the first statement; only a file's comment may stand above it. */
function is_guarded( Source $source, string $constant ): bool {
	$start = 1; // after the opening tag
	$text  = $source->text_of( $source->statement( $start ) );
	return (bool) preg_match(
		"/^defined\( '$constant' \) (\|\|) (exit|die\(\))|^if \( ! defined\( '$constant' \) \) \{/",
		$text . ' {'
	);
}

function declared_classes( Source $source ): array {
	$names = array();
	foreach ( array_keys( $source->tokens ) as $at ) {
		if ( $source->is( $at, T_CLASS, T_INTERFACE, T_TRAIT ) && ! $source->is( $at - 1, T_DOUBLE_COLON, T_NEW ) ) {
			$names[] = $source->at( $at + 1 )->text;
		}
	}
	return $names;
}
