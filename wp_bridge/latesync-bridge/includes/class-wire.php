<?php
/**
 * One HTTP request that nobody waits long for.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * A POST over a socket of our own, with limits below a second.
 *
 * Not wp_remote_post(): WordPress' cURL transport rounds time limits up to whole seconds, and a visitor who just booked
 * would sit through them. Certificates are checked as WordPress checks them, against its own list of authorities.
 */
final class LateSync_Bridge_Wire {

	/**
	 * Sends a POST and waits for the first line of the answer.
	 *
	 * It does wait, if not for long: a proxy such as nginx gives a request up when its client closes the line at once.
	 * Looking up the host's name is the system's business and has no limit here; the caller watches the total.
	 *
	 * @param string $url       http or https.
	 * @param array  $headers   Name => value.
	 * @param string $body      As signed.
	 * @param float  $connect_s Limit for TCP and TLS together.
	 * @param float  $answer_s  Limit for sending and for the answer's first line, from then on.
	 * @return array 'status' => int (0: no answer), 'failure' => '' or 'address', 'connect', 'tls', 'timeout', 'closed'.
	 */
	public static function post( string $url, array $headers, string $body, float $connect_s, float $answer_s ): array {
		$target = self::target( $url );
		if ( null === $target ) {
			return self::failed( 'address' );
		}
		// PHP warns about every refused connection; the result says it already.
		// phpcs:ignore WordPress.PHP.DevelopmentFunctions -- in place of the @ nobody should write.
		set_error_handler( '__return_true' );
		$socket = null;
		try {
			$until  = self::clock() + $connect_s;
			$socket = self::connect( $target, $connect_s );
			if ( ! is_resource( $socket ) ) {
				return self::failed( 'connect' );
			}
			stream_set_blocking( $socket, false );
			if ( $target['tls'] && ! self::encrypt( $socket, $until ) ) {
				return self::failed( self::clock() < $until ? 'tls' : 'timeout' );
			}
			$until = self::clock() + $answer_s;
			if ( ! self::write( $socket, self::request( $target, $headers, $body ), $until ) ) {
				return self::failed( self::clock() < $until ? 'closed' : 'timeout' );
			}
			return self::read_status( $socket, $until );
		} finally {
			if ( is_resource( $socket ) ) {
				fclose( $socket );
			}
			restore_error_handler();
		}
	}

	/**
	 * The parts of an address, or null for one we cannot use.
	 *
	 * @param string $url Any.
	 * @return array|null 'tls', 'host', 'port', 'authority' (as in the Host header), 'path'.
	 */
	private static function target( string $url ): ?array {
		$parts = preg_match( '/^[\x21-\x7e]+\z/', $url ) ? wp_parse_url( $url ) : false;
		if ( ! is_array( $parts ) || empty( $parts['host'] ) || ! in_array( $parts['scheme'] ?? '', array( 'http', 'https' ), true ) ) {
			return null;
		}
		$tls = 'https' === $parts['scheme'];
		return array(
			'tls'       => $tls,
			'host'      => $parts['host'],
			'port'      => $parts['port'] ?? ( $tls ? 443 : 80 ),
			'authority' => $parts['host'] . ( isset( $parts['port'] ) ? ':' . $parts['port'] : '' ),
			'path'      => $parts['path'] ?? '/',
		);
	}

	/**
	 * A connection, not encrypted yet; false when there is none within the limit.
	 *
	 * @param array $target  From target().
	 * @param float $limit_s For TCP.
	 * @return resource|false
	 */
	private static function connect( array $target, float $limit_s ) {
		$tls     = array(
			'verify_peer'      => true,
			'verify_peer_name' => true,
			'peer_name'        => trim( $target['host'], '[]' ),
			'SNI_enabled'      => true,
			'cafile'           => self::authorities(),
		);
		$context = stream_context_create( array( 'ssl' => $tls ) );
		$place   = 'tcp://' . $target['host'] . ':' . $target['port'];
		return stream_socket_client( $place, $number, $message, $limit_s, STREAM_CLIENT_CONNECT, $context );
	}

	/** The list of certificate authorities; a site with an authority of its own names another file by the filter. */
	public static function authorities(): string {
		return (string) apply_filters( 'latesync_bridge_ca_bundle', ABSPATH . WPINC . '/certificates/ca-bundle.crt' );
	}

	/**
	 * The TLS handshake.
	 *
	 * @param resource $socket Not blocking.
	 * @param float    $until  On clock().
	 */
	private static function encrypt( $socket, float $until ): bool {
		$versions = STREAM_CRYPTO_METHOD_TLSv1_2_CLIENT | STREAM_CRYPTO_METHOD_TLSv1_3_CLIENT;
		do {
			$done = stream_socket_enable_crypto( $socket, true, $versions );
		} while ( 0 === $done && self::wait( $socket, false, $until ) );
		return true === $done;
	}

	/**
	 * The request as it goes over the wire.
	 *
	 * @param array  $target  From target().
	 * @param array  $headers Name => value.
	 * @param string $body    As signed.
	 */
	private static function request( array $target, array $headers, string $body ): string {
		$lines = array( 'POST ' . $target['path'] . ' HTTP/1.1', 'Host: ' . $target['authority'], 'Connection: close' );
		foreach ( $headers as $name => $value ) {
			$lines[] = $name . ': ' . preg_replace( '/[^\x20-\x7e]/', '', (string) $value );
		}
		$lines[] = 'Content-Length: ' . strlen( $body );
		return implode( "\r\n", $lines ) . "\r\n\r\n" . $body;
	}

	/**
	 * Writes all of a text.
	 *
	 * @param resource $socket Not blocking.
	 * @param string   $text   What to write.
	 * @param float    $until  On clock().
	 */
	private static function write( $socket, string $text, float $until ): bool {
		while ( '' !== $text ) {
			if ( ! self::wait( $socket, true, $until ) ) {
				return false;
			}
			$written = fwrite( $socket, $text );
			if ( false === $written ) {
				return false;
			}
			$text = (string) substr( $text, $written );
		}
		return true;
	}

	/**
	 * The status in the answer's first line; what follows it is not read.
	 *
	 * @param resource $socket Not blocking.
	 * @param float    $until  On clock().
	 */
	private static function read_status( $socket, float $until ): array {
		$start = '';
		// "HTTP/1.1 200" has twelve characters.
		while ( ! isset( $start[11] ) ) {
			if ( ! self::wait( $socket, false, $until ) ) {
				return self::failed( 'timeout' );
			}
			$piece = fread( $socket, 512 );
			if ( false === $piece || ( '' === $piece && feof( $socket ) ) ) {
				return self::failed( 'closed' );
			}
			$start .= $piece;
		}
		if ( ! preg_match( '#^HTTP/1\.[01] ([1-5][0-9]{2})#', $start, $found ) ) {
			return self::failed( 'closed' );
		}
		return array(
			'status'  => (int) $found[1],
			'failure' => '',
		);
	}

	/**
	 * Waits until a socket can be read or written; false when the time is over.
	 *
	 * @param resource $socket  Not blocking.
	 * @param bool     $writing Written, else read.
	 * @param float    $until   On clock().
	 */
	private static function wait( $socket, bool $writing, float $until ): bool {
		$left = $until - self::clock();
		if ( $left <= 0 ) {
			return false;
		}
		$reads  = $writing ? array() : array( $socket );
		$writes = $writing ? array( $socket ) : array();
		$others = array();
		return (bool) stream_select( $reads, $writes, $others, (int) $left, (int) ( 1000000 * fmod( $left, 1 ) ) );
	}

	/** Seconds on a clock that nobody sets. */
	private static function clock(): float {
		return hrtime( true ) / 1e9;
	}

	/**
	 * The result when there is no answer.
	 *
	 * @param string $why See post().
	 */
	private static function failed( string $why ): array {
		return array(
			'status'  => 0,
			'failure' => $why,
		);
	}
}
