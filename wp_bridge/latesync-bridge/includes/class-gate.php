<?php
/**
 * Who may ask this site something.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/** Lets through who signed with the shared secret, and nobody else; every message once. */
final class LateSync_Bridge_Gate {

	const MOST_BYTES = 16 * KB_IN_BYTES;

	/**
	 * The request last verified, and what came of it. It is asked several times (Rest::ask_who_first(), the permission, the
	 * Allow header), but a nonce counts once.
	 *
	 * @var array|null
	 */
	private static $verified = null;

	/**
	 * The permission callback: true, or why not.
	 *
	 * @param WP_REST_Request $request The request.
	 * @return true|WP_Error
	 */
	public static function is_signed( $request ) {
		if ( null === self::$verified || self::$verified[0] !== $request ) {
			self::$verified = array( $request, self::verify( $request ) );
		}
		return self::$verified[1];
	}

	/**
	 * Checks size, site, signature, clock and nonce, in this order.
	 *
	 * @param WP_REST_Request $request The request.
	 * @return true|WP_Error
	 */
	private static function verify( $request ) {
		if ( strlen( $request->get_body() ) > self::MOST_BYTES ) {
			return self::refusal( 413, array( 'error' => 'too_large' ) );
		}
		if ( LateSync_Bridge_Home::is_copy() ) {
			return self::refusal( 401, array( 'error' => 'copy' ) );
		}
		$now   = time();
		$site  = (string) LateSync_Bridge_Settings::get( 'site' );
		$named = (string) $request->get_header( 'X-LateSync-Site' );
		$error = '' !== $site && '' !== $named && $site !== $named ? 'signature' : self::error_of( $request, $now );
		if ( 'clock' === $error ) {
			$clock = array(
				'error' => 'clock',
				'time'  => $now,
			);
			return self::refusal( 401, $clock );
		}
		if ( '' !== $error ) {
			return self::refusal( 401, array( 'error' => 'signature' ) );
		}
		try {
			$is_new = LateSync_Bridge_Replays::is_new( (string) $request->get_header( 'X-LateSync-Nonce' ) );
		} catch ( RuntimeException $failure ) {
			return self::refusal( 500, array( 'error' => 'failed' ) );
		}
		return $is_new ? true : self::refusal( 401, array( 'error' => 'replayed' ) );
	}

	/**
	 * What is wrong with the signature, '' nothing.
	 *
	 * Signed is the canonical path, however it travels (sub-directory, plain permalinks); the path in the address bar
	 * counts too, but only one that names the route as well.
	 *
	 * @param WP_REST_Request $request The request.
	 * @param int             $now     Unix seconds.
	 */
	private static function error_of( $request, int $now ): string {
		$route = $request->get_route();
		// phpcs:ignore WordPress.Security.ValidatedSanitizedInput -- only hashed and compared, byte for byte.
		$address   = isset( $_SERVER['REQUEST_URI'] ) ? wp_unslash( $_SERVER['REQUEST_URI'] ) : '';
		$travelled = (string) wp_parse_url( 'http://host' . $address, PHP_URL_PATH );
		$paths     = array( '/wp-json' . $route );
		if ( $paths[0] !== $travelled && substr( $travelled, -strlen( $route ) ) === $route ) {
			$paths[] = $travelled;
		}
		$error = 'signature';
		foreach ( $paths as $path ) {
			$error = LateSync_Bridge_Signature::verify(
				(string) LateSync_Bridge_Settings::get( 'secret' ),
				$request->get_method(),
				$path,
				(string) $request->get_header( 'X-LateSync-Timestamp' ),
				(string) $request->get_header( 'X-LateSync-Nonce' ),
				$request->get_body(),
				(string) $request->get_header( 'X-LateSync-Signature' ),
				$now
			);
			if ( 'signature' !== $error ) {
				break;
			}
		}
		return $error;
	}

	/**
	 * A refusal that Rest::speak_plainly() turns into an answer.
	 *
	 * @param int   $status HTTP's.
	 * @param array $body   The JSON.
	 */
	private static function refusal( int $status, array $body ): WP_Error {
		$data = array(
			'status'   => $status,
			'latesync' => $body,
		);
		return new WP_Error( 'latesync_refused', 'Refused.', $data );
	}
}
