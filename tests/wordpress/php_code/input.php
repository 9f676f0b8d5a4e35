<?php
/**
 * What comes from the browser: each value cleaned where it is read, each changing request with a nonce.
 *
 * @package LateSync_Bridge
 */

const SUPERGLOBALS = array( '$_GET', '$_POST', '$_REQUEST', '$_COOKIE', '$_SERVER', '$_FILES' );

const CLEANING = array(
	'absint', 'intval', '(cast)', 'isset', 'empty', 'array_key_exists', 'esc_url_raw', 'sanitize_email', 'sanitize_key',
	'sanitize_text_field', 'sanitize_textarea_field', 'wp_verify_nonce', 'sanitize_url', 'sanitize_title', 'map_deep',
);

const NONCE_CHECKS = array( 'check_admin_referer', 'check_ajax_referer', 'wp_verify_nonce' );

/** Values of the request that are used as they came, and forms read without a nonce. */
function check_input( Source $source ): Generator {
	foreach ( $source->tokens as $at => $token ) {
		if ( T_VARIABLE !== $token->id || ! in_array( $token->text, SUPERGLOBALS, true ) || is_written( $source, $at ) ) {
			continue;
		}
		$around = $source->enclosing_calls( $at );
		if ( ! array_intersect( $around, CLEANING ) ) {
			yield array( $token->line, 'input', "$token->text used as it came: sanitize_…( wp_unslash( … ) )" );
		}
		$is_text = ! array_intersect( $around, array( 'isset', 'empty', 'absint', 'intval', '(cast)', 'array_key_exists' ) );
		if ( $is_text && ! in_array( 'wp_unslash', $around, true ) && '$_FILES' !== $token->text ) {
			yield array( $token->line, 'input', "$token->text without wp_unslash(): WordPress adds slashes to it" );
		}
		if ( in_array( $token->text, array( '$_POST', '$_REQUEST' ), true ) && ! calls_any( $source, NONCE_CHECKS ) ) {
			yield array( $token->line, 'nonce', "$token->text is read, and nothing in this file checks a nonce" );
		}
	}
}

/** Whether the variable at this position, or one value in it, is given a value. */
function is_written( Source $source, int $at ): bool {
	$end = $source->is( $at + 1, '[' ) ? $source->partner[ $at + 1 ] : $at;
	return $source->is( $end + 1, '=' );
}

function calls_any( Source $source, array $names ): bool {
	foreach ( array_keys( $source->tokens ) as $at ) {
		if ( in_array( $source->name( $at ), $names, true ) && $source->is_function_call( $at ) ) {
			return true;
		}
	}
	return false;
}
