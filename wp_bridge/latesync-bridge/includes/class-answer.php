<?php
/**
 * What LateSync's answer means, or that there was none.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Pure: from a status, a body and the time to one result array, whose keys are always all there.
 *
 * 'ok' bool · 'code' 'fine', 'not_connected', 'dns', 'refused_connection', 'timeout', 'tls', 'signature', 'clock', 'replayed',
 * 'not_latesync' or 'error' · 'detail' for an expert's eyes · 'answer' array as LateSync sent it · 'seconds_off' int, how far
 * this server's clock is ahead of LateSync's (behind: negative) · 'version' string and 'protocol' int of LateSync, 'site',
 * 'home' strings · 'agents' list of array( 'id', 'state', 'last_run_at' ) · 'worker_late' bool.
 */
final class LateSync_Bridge_Answer {

	/**
	 * From an HTTP answer.
	 *
	 * @param int    $status The HTTP status.
	 * @param string $body   As it came.
	 * @param int    $now    Unix seconds.
	 */
	public static function of_response( int $status, string $body, int $now ): array {
		$answer = json_decode( $body, true, 16 );
		$answer = is_array( $answer ) ? $answer : array();
		$code   = self::code( $status, $answer );
		$result = array(
			'ok'          => 'fine' === $code,
			'code'        => $code,
			'detail'      => 'fine' === $code ? '' : trim( 'HTTP ' . $status . ' ' . self::word( $answer['error'] ?? '' ) ),
			'answer'      => $answer,
			'seconds_off' => is_int( $answer['time'] ?? null ) ? $now - $answer['time'] : 0,
			'version'     => self::word( $answer['version'] ?? '' ),
			'protocol'    => (int) ( is_int( $answer['v'] ?? null ) ? $answer['v'] : 0 ),
			'site'        => self::word( $answer['site'] ?? '' ),
			'home'        => is_string( $answer['home'] ?? null ) ? $answer['home'] : '',
			'agents'      => is_array( $answer['agents'] ?? null ) ? array_values( array_filter( $answer['agents'], 'is_array' ) ) : array(),
			'worker_late' => ! empty( $answer['worker_late'] ),
		);
		return $result;
	}

	/**
	 * From a failure to get an answer at all.
	 *
	 * @param string $message WordPress' words for it: cURL's, or those of PHP's streams.
	 */
	public static function of_failure( string $message ): array {
		$signs = array(
			'dns'                => '/could ?n[o\']t resolve|resolving timed out|getaddrinfo|name or service|curl error [56]\b/i',
			'tls'                => '/ssl|tls|certificate|curl error (35|51|53|54|58|59|60|66|77|80|82|83|90|91)\b/i',
			'timeout'            => '/timed out|time-?out|curl error 28\b/i',
			'refused_connection' => '/refused|unreachable|no route|failed to connect|could ?n[o\']t connect|curl error 7\b/i',
		);
		foreach ( $signs as $code => $sign ) {
			if ( preg_match( $sign, $message ) ) {
				return self::failed( $code, $message );
			}
		}
		return self::failed( 'error', $message );
	}

	/**
	 * A result without an answer.
	 *
	 * @param string $code   See the class.
	 * @param string $detail For an expert's eyes.
	 */
	public static function failed( string $code, string $detail = '' ): array {
		$result           = self::of_response( 0, '', 0 );
		$result['code']   = $code;
		$result['detail'] = substr( $detail, 0, 300 );
		return $result;
	}

	/**
	 * The code of an answer. Only LateSync's own JSON counts: any web server answers something.
	 *
	 * @param int   $status The HTTP status.
	 * @param array $answer The JSON, empty when it is none.
	 */
	private static function code( int $status, array $answer ): string {
		if ( 200 === $status && isset( $answer['v'], $answer['version'], $answer['time'] ) && is_int( $answer['v'] ) ) {
			return 'fine';
		}
		$refusals = array(
			401 => array( 'signature', 'clock' ),
			409 => array( 'replayed' ),
		);
		$error    = $answer['error'] ?? '';
		if ( in_array( $error, $refusals[ $status ] ?? array(), true ) ) {
			return $error;
		}
		// A proxy says 502, 503 or 504 in HTML while LateSync behind it is stopped: the address may still be right.
		return 500 <= $status || ( is_string( $error ) && '' !== $error ) ? 'error' : 'not_latesync';
	}

	/**
	 * A short string of an answer, nothing else.
	 *
	 * @param mixed $value Anything.
	 */
	private static function word( $value ): string {
		return is_string( $value ) ? substr( $value, 0, 64 ) : '';
	}
}
