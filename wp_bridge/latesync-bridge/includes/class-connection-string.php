<?php
/**
 * What the owner pastes, turned into an address, a site id and a secret.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Reads the connection string of LateSync's page, and addresses typed by hand. Pure: no WordPress, no network.
 *
 * The string is `latesync:` and the base64url (no padding) of the JSON
 * {"address":"https://sync.example.com","site":"<12 hex>","secret":"…"}.
 * Both readers answer with an array whose 'error' is '' or one of the codes below; sentences are made elsewhere.
 */
final class LateSync_Bridge_Connection_String {

	const PREFIX = 'latesync:';

	/** Far longer than any real one; keeps a pasted book out of the decoder. */
	const MAX_LENGTH = 8192;

	const EMPTY_TEXT      = 'empty';
	const NOT_OURS        = 'not_ours';
	const DAMAGED         = 'damaged';
	const INCOMPLETE      = 'incomplete';
	const ADDRESS_EMPTY   = 'address_empty';
	const ADDRESS_SCHEME  = 'address_scheme';
	const ADDRESS_SHAPE   = 'address_shape';
	const ADDRESS_EXTRA   = 'address_extra';
	const ADDRESS_FOREIGN = 'address_foreign';

	/**
	 * The parts of a connection string.
	 *
	 * Line breaks and spaces do no harm: mail programs break long words.
	 *
	 * @param string $text As pasted.
	 * @return array { error, address, site, secret }, all strings; the last three are '' when there is an error.
	 */
	public static function parse( string $text ): array {
		$text = self::without_wrapping( $text );
		if ( '' === $text ) {
			return self::refusal( self::EMPTY_TEXT );
		}
		if ( 0 !== stripos( $text, self::PREFIX ) ) {
			return self::refusal( self::NOT_OURS );
		}
		$parts = self::decoded( substr( $text, strlen( self::PREFIX ) ) );
		if ( null === $parts ) {
			return self::refusal( self::DAMAGED );
		}
		return self::checked( $parts );
	}

	/**
	 * An address as LateSync's paths can be added to it: scheme, host, port and folder, no slash at the end.
	 *
	 * @param string $text As typed.
	 * @return array { error, address }
	 */
	public static function clean_address( string $text ): array {
		$text = trim( $text );
		if ( '' === $text ) {
			return self::bad_address( self::ADDRESS_EMPTY );
		}
		if ( ! preg_match( '#^https?://#i', $text ) ) {
			return self::bad_address( self::ADDRESS_SCHEME );
		}
		if ( preg_match( '/[\s\x00-\x1f\x7f"\'<>\\\\]/', $text ) ) {
			return self::bad_address( self::ADDRESS_SHAPE );
		}
		if ( preg_match( '/[^\x21-\x7e]/', $text ) ) {
			return self::bad_address( self::ADDRESS_FOREIGN );
		}
		// phpcs:ignore WordPress.WP.AlternativeFunctions -- Pure code, and PHP 7.4 parses alike everywhere.
		$parts = parse_url( $text );
		if ( ! is_array( $parts ) || empty( $parts['host'] ) ) {
			return self::bad_address( self::ADDRESS_SHAPE );
		}
		if ( isset( $parts['user'] ) || isset( $parts['pass'] ) || isset( $parts['query'] ) || isset( $parts['fragment'] ) ) {
			return self::bad_address( self::ADDRESS_EXTRA );
		}
		$port = isset( $parts['port'] ) ? ':' . $parts['port'] : '';
		$path = isset( $parts['path'] ) ? rtrim( $parts['path'], '/' ) : '';
		return array(
			'error'   => '',
			'address' => strtolower( $parts['scheme'] ) . '://' . strtolower( $parts['host'] ) . $port . $path,
		);
	}

	/**
	 * Whether an address sends everything readable through somebody else's network: http to a public host.
	 *
	 * Host names without a dot (a container's), *.local and private numbers stay inside.
	 *
	 * @param string $address As clean_address() gives it.
	 */
	public static function is_exposed( string $address ): bool {
		// phpcs:ignore WordPress.WP.AlternativeFunctions -- As above.
		$parts = parse_url( $address );
		if ( ! is_array( $parts ) || empty( $parts['host'] ) || 'http' !== strtolower( $parts['scheme'] ) ) {
			return false;
		}
		$host = strtolower( trim( $parts['host'], '[]' ) );
		if ( false !== filter_var( $host, FILTER_VALIDATE_IP ) ) {
			return false !== filter_var( $host, FILTER_VALIDATE_IP, FILTER_FLAG_NO_PRIV_RANGE | FILTER_FLAG_NO_RES_RANGE );
		}
		return false !== strpos( $host, '.' ) && ! preg_match( '/\.(localhost|local|internal|lan|test)$/', $host );
	}

	/**
	 * The text without white space and the quotes people copy along.
	 *
	 * @param string $text As pasted.
	 */
	private static function without_wrapping( string $text ): string {
		if ( strlen( $text ) > self::MAX_LENGTH ) {
			return 'too long';
		}
		// Also the no-break and zero-width spaces that pages and mail programs put in.
		$text = preg_replace( '/[\s\x{00a0}\x{200b}\x{feff}]+/u', '', $text );
		return trim( (string) $text, '"\'`<>' );
	}

	/**
	 * The JSON object behind the prefix, or null.
	 *
	 * @param string $encoded base64url without padding.
	 */
	private static function decoded( string $encoded ): ?array {
		// phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- The format of the string; nothing is run.
		$json = base64_decode( strtr( rtrim( $encoded, '=' ), '-_', '+/' ), true );
		if ( false === $json ) {
			return null;
		}
		$parts = json_decode( $json, true );
		return is_array( $parts ) ? $parts : null;
	}

	/**
	 * The three parts, if they are all there and the address is one.
	 *
	 * @param array $parts The decoded object; anything may be in it.
	 */
	private static function checked( array $parts ): array {
		foreach ( array( 'address', 'site', 'secret' ) as $name ) {
			if ( ! isset( $parts[ $name ] ) || ! is_string( $parts[ $name ] ) ) {
				return self::refusal( self::INCOMPLETE );
			}
		}
		if ( '' === trim( $parts['secret'] ) || ! preg_match( '/^[0-9a-f]{12}\z/', $parts['site'] ) ) {
			return self::refusal( self::INCOMPLETE );
		}
		$address = self::clean_address( $parts['address'] );
		if ( '' !== $address['error'] ) {
			return self::refusal( $address['error'] );
		}
		return array(
			'error'   => '',
			'address' => $address['address'],
			'site'    => $parts['site'],
			'secret'  => $parts['secret'],
		);
	}

	/**
	 * The answer that says why not.
	 *
	 * @param string $error One of the codes above.
	 */
	private static function refusal( string $error ): array {
		return array(
			'error'   => $error,
			'address' => '',
			'site'    => '',
			'secret'  => '',
		);
	}

	/**
	 * The same for an address.
	 *
	 * @param string $error One of the codes above.
	 */
	private static function bad_address( string $error ): array {
		return array(
			'error'   => $error,
			'address' => '',
		);
	}
}
