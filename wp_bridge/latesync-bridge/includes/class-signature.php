<?php
/**
 * The signature of every message between this plugin and LateSync, either way.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Pure: no clock but the one it is given, no WordPress. tests/wordpress/signature_vectors.json holds in both languages.
 */
final class LateSync_Bridge_Signature {

	/** How far the two clocks may be apart, in seconds. */
	const WINDOW_S = 300;

	/**
	 * The hex HMAC-SHA256 of "METHOD\npath\ntimestamp\nnonce\nhex sha256(body)" (design.md §8).
	 *
	 * @param string     $secret    Shared with LateSync; its UTF-8 bytes are the key.
	 * @param string     $method    Upper case.
	 * @param string     $path      Canonical: "/hooks/site", whatever folder it travels under.
	 * @param int|string $timestamp Unix seconds.
	 * @param string     $nonce     32 hex digits.
	 * @param string     $body      As sent, byte for byte.
	 */
	public static function sign( string $secret, string $method, string $path, $timestamp, string $nonce, string $body ): string {
		$text = implode( "\n", array( $method, $path, (string) $timestamp, $nonce, hash( 'sha256', $body ) ) );
		return hash_hmac( 'sha256', $text, $secret );
	}

	/**
	 * What is wrong with a signed message: '' nothing, 'malformed', 'signature' or 'clock'.
	 *
	 * The signature is looked at before the clock: who does not know the secret learns nothing else. Whether the nonce was
	 * seen before is Replays' question.
	 *
	 * @param string     $secret    Shared with LateSync; an empty one verifies nothing.
	 * @param string     $method    Upper case.
	 * @param string     $path      Canonical.
	 * @param int|string $timestamp As it came.
	 * @param string     $nonce     As it came.
	 * @param string     $body      As it came.
	 * @param string     $signature As it came.
	 * @param int        $now       Unix seconds.
	 */
	public static function verify( string $secret, string $method, string $path, $timestamp, string $nonce, string $body, string $signature, int $now ): string {
		// One spelling only (lower case, no signs, no leading zeros), so that a nonce cannot come back in other letters.
		if ( ! preg_match( '/^(0|[1-9][0-9]{0,11})\z/', (string) $timestamp )
			|| ! preg_match( '/^[0-9a-f]{32}\z/', $nonce )
			|| ! preg_match( '/^[0-9a-f]{64}\z/', $signature ) ) {
			return 'malformed';
		}
		if ( '' === $secret || ! hash_equals( self::sign( $secret, $method, $path, $timestamp, $nonce, $body ), $signature ) ) {
			return 'signature';
		}
		return abs( $now - (int) $timestamp ) > self::WINDOW_S ? 'clock' : '';
	}

	/**
	 * The four headers of a signed message, name => value.
	 *
	 * @param string      $secret Shared with LateSync.
	 * @param string      $site   LateSync's id of this site; '' as long as it is not known.
	 * @param string      $method Upper case.
	 * @param string      $path   Canonical.
	 * @param string      $body   As it will be sent.
	 * @param int|null    $now    Unix seconds; null is now.
	 * @param string|null $nonce  32 hex digits; null makes one.
	 */
	public static function headers( string $secret, string $site, string $method, string $path, string $body, ?int $now = null, ?string $nonce = null ): array {
		$timestamp = null === $now ? time() : $now;
		$nonce     = null === $nonce ? bin2hex( random_bytes( 16 ) ) : $nonce;
		return array(
			'X-LateSync-Site'      => $site,
			'X-LateSync-Timestamp' => (string) $timestamp,
			'X-LateSync-Nonce'     => $nonce,
			'X-LateSync-Signature' => self::sign( $secret, $method, $path, $timestamp, $nonce, $body ),
		);
	}
}
