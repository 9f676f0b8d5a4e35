<?php
/**
 * Signed ways into LateSync, each made by the click that opens it.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Makes the address that signs a person in at LateSync, and sends the browser there.
 *
 * LateSync takes such an address once and for five minutes; the signature is the one of every signed message (design.md §8)
 * with METHOD GET, the canonical path and an empty body.
 */
final class LateSync_Bridge_Link {

	/**
	 * The address of an agent's own page.
	 *
	 * The caller has checked that the person at the browser is this agent.
	 *
	 * @param int $agent_id LatePoint's number of the agent.
	 */
	public static function to_agent( int $agent_id ): string {
		return self::signed( '/enter/agent/' . $agent_id );
	}

	/** The address of the owner's page; the caller has checked manage_options. */
	public static function to_owner(): string {
		return self::signed( '/enter/owner' );
	}

	/**
	 * Send the browser to a signed address. Ends the request.
	 *
	 * Not wp_safe_redirect(): the address is the owner's own setting, not something a visitor brought, and it would send a
	 * person to the dashboard where LateSync's host is an IPv6 number.
	 *
	 * @param string $url One of the two above.
	 */
	public static function follow( string $url ): void {
		nocache_headers();
		// The address is a key: it must not travel on as the referrer of whatever LateSync's page loads.
		header( 'Referrer-Policy: no-referrer' );
		// phpcs:ignore WordPress.Security.SafeRedirect -- see above.
		wp_redirect( $url );
		exit;
	}

	/** LateSync's host, port and folder as people would name it, for example "sync.example.com". */
	public static function place(): string {
		return (string) preg_replace( '#^https?://#', '', LateSync_Bridge_Settings::get( 'address' ) );
	}

	/**
	 * An address with its proof.
	 *
	 * @param string $path Canonical: without the folder LateSync may live in.
	 */
	private static function signed( string $path ): string {
		// LateSync takes no link without its id of this site; after settings by hand it may not have told it yet.
		if ( '' === LateSync_Bridge_Settings::get( 'site' ) ) {
			LateSync_Bridge_Greetings::ask( LateSync_Bridge_Greetings::PAGE_LIMIT_S );
		}
		$timestamp = time();
		$nonce     = bin2hex( random_bytes( 16 ) );
		$secret    = LateSync_Bridge_Settings::get( 'secret' );
		$query     = array(
			'site'      => LateSync_Bridge_Settings::get( 'site' ),
			'timestamp' => $timestamp,
			'nonce'     => $nonce,
			'signature' => LateSync_Bridge_Signature::sign( $secret, 'GET', $path, $timestamp, $nonce, '' ),
		);
		return LateSync_Bridge_Settings::get( 'address' ) . $path . '?' . http_build_query( $query, '', '&' );
	}
}
