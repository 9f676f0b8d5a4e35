<?php
/**
 * Takes notes to LateSync.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * One note per request, sent when the request is over and never waited for long.
 *
 * A note is array( 'bookings' => ids, 'looking_at' => agent ids, 'hello' => greeting ), each part optional; what several
 * parts of the plugin post goes out together. LateSync also polls: a note that is lost costs seconds, never a booking.
 */
final class LateSync_Bridge_Courier {

	const PATH = '/hooks/site';

	/** LateSync takes no longer lists; more bookings than this are "look at everything". */
	const MOST_IDS = 500;

	/** Somebody waits for the page: connecting may take so long. */
	const HURRIED_S = 0.25;

	/** The same for the answer's first line. Busy machines take their time, and a note too many costs less than a silent minute. */
	const HURRIED_ANSWER_S = 0.5;

	/** Nobody waits any more. */
	const UNHURRIED_S = 2.0;

	/** A visitor who waited longer than this (looking up a name may hang) spares the others of the next minute. */
	const SLOW_S = 1.0;

	/**
	 * Notes of this request that wait for its end, by site.
	 *
	 * @var array
	 */
	private static $waiting = array();

	/**
	 * Sends a note at the end of this request. Says nothing of its success.
	 *
	 * @param array $note See the class.
	 */
	public static function post( array $note ): void {
		if ( ! LateSync_Bridge_Settings::is_connected() ) {
			return;
		}
		if ( ! self::$waiting ) {
			add_action( 'shutdown', array( __CLASS__, 'deliver' ), PHP_INT_MAX );
		}
		self::$waiting[ get_current_blog_id() ][] = $note;
	}

	/** Whether posting makes sense now: connected, and LateSync not known to be away. */
	public static function is_useful(): bool {
		return LateSync_Bridge_Settings::is_connected() && ! LateSync_Bridge_Breaker::is_open( time() );
	}

	/** At shutdown: what waits is sent, and whatever goes wrong stays here. */
	public static function deliver(): void {
		$notes         = self::$waiting[ get_current_blog_id() ] ?? array();
		self::$waiting = array();
		try {
			if ( $notes && LateSync_Bridge_Breaker::claim( time() ) ) {
				$note   = self::merged( $notes );
				$status = self::send( $note );
				if ( 0 !== $status ) {
					LateSync_Bridge_Greetings::note_arrival( $note, 200 === $status );
				}
			}
		} catch ( Throwable $failure ) {
			LateSync_Bridge_Troubles::note( 'courier', get_class( $failure ) );
		}
	}

	/**
	 * Sends a note now, waits for the answer and says what it means.
	 *
	 * @param array $note    See the class.
	 * @param float $limit_s In all; WordPress counts whole seconds.
	 * @return array See class Answer.
	 */
	public static function ask( array $note, float $limit_s = 5.0 ): array {
		if ( ! LateSync_Bridge_Settings::is_connected() ) {
			return LateSync_Bridge_Answer::failed( 'not_connected' );
		}
		$response = self::through_wordpress( self::merged( array( $note ) ), $limit_s );
		if ( is_wp_error( $response ) ) {
			return LateSync_Bridge_Answer::of_failure( $response->get_error_message() );
		}
		$status = (int) wp_remote_retrieve_response_code( $response );
		$result = LateSync_Bridge_Answer::of_response( $status, wp_remote_retrieve_body( $response ), time() );
		if ( $result['ok'] ) {
			self::forget_troubles();
		}
		return $result;
	}

	/** The note that says who asks: versions and addresses, no person. */
	public static function greeting(): array {
		return array(
			'hello' => array(
				'plugin'    => LATESYNC_BRIDGE_VERSION,
				'protocol'  => LATESYNC_BRIDGE_PROTOCOL,
				'wordpress' => (string) get_bloginfo( 'version' ),
				'latepoint' => LateSync_Bridge_Latepoint::version(),
				'home'      => (string) get_option( 'home' ),
				'rest'      => rest_url( 'latesync/v1' ),
			),
		);
	}

	/**
	 * One note out of several.
	 *
	 * @param array[] $notes See the class.
	 */
	private static function merged( array $notes ): array {
		$note = array_merge( array( 'v' => 1 ), ...$notes );
		foreach ( array( 'bookings', 'looking_at' ) as $list ) {
			$ids           = array_merge( array(), ...array_column( $notes, $list ) );
			$note[ $list ] = array_values( array_unique( array_map( 'intval', $ids ) ) );
		}
		if ( count( $note['bookings'] ) > self::MOST_IDS || in_array( 0, $note['bookings'], true ) ) {
			$note['bookings'] = array( 0 );
		}
		$note['looking_at'] = array_slice( $note['looking_at'], 0, self::MOST_IDS );
		return $note;
	}

	/**
	 * Sends a note, and remembers how that went.
	 *
	 * @param array $note Merged.
	 * @return int The answer's HTTP status; 0 without one.
	 */
	private static function send( array $note ): int {
		$url       = LateSync_Bridge_Settings::get( 'address' ) . self::PATH;
		$unhurried = self::finish_request();
		$began     = hrtime( true );
		if ( self::is_blocked( $url ) ) {
			LateSync_Bridge_Troubles::note( 'unreachable', 'blocked' );
			return 0;
		}
		$result  = self::needs_proxy( $url ) ? self::by_proxy( $note ) : self::by_wire( $url, $note, $unhurried );
		$seconds = ( hrtime( true ) - $began ) / 1e9;
		self::remember( $result, ! $unhurried && $seconds > self::SLOW_S );
		return $result['status'];
	}

	/**
	 * Sends a note straight to LateSync.
	 *
	 * @param string $url       Where to.
	 * @param array  $note      Merged.
	 * @param bool   $unhurried Nobody waits any more.
	 * @return array As Wire::post().
	 */
	private static function by_wire( string $url, array $note, bool $unhurried ): array {
		list( $headers, $body ) = self::signed( $note );
		$connect_s              = $unhurried ? self::UNHURRIED_S : self::HURRIED_S;
		$answer_s               = $unhurried ? self::UNHURRIED_S : self::HURRIED_ANSWER_S;
		return LateSync_Bridge_Wire::post( $url, $headers, $body, $connect_s, $answer_s );
	}

	/**
	 * Sends a note through the owner's proxy. WordPress' client knows no less than a second, and sits through it whether it is
	 * told to wait or not.
	 *
	 * @param array $note Merged.
	 * @return array As Wire::post().
	 */
	private static function by_proxy( array $note ): array {
		$response = self::through_wordpress( $note, 1.0 );
		return array(
			'status'  => is_wp_error( $response ) ? 0 : (int) wp_remote_retrieve_response_code( $response ),
			'failure' => is_wp_error( $response ) ? 'proxy' : '',
		);
	}

	/**
	 * Keeps what a delivery taught.
	 *
	 * @param array $result From Wire::post().
	 * @param bool  $slow   It was answered, but a visitor waited too long for it.
	 */
	private static function remember( array $result, bool $slow ): void {
		if ( '' !== $result['failure'] || $slow ) {
			LateSync_Bridge_Breaker::trip( time() );
			LateSync_Bridge_Troubles::note( 'unreachable', '' !== $result['failure'] ? $result['failure'] : 'slow' );
			return;
		}
		if ( LateSync_Bridge_Breaker::close() ) {
			LateSync_Bridge_Troubles::clear( 'unreachable' );
		}
		if ( 200 !== $result['status'] ) {
			LateSync_Bridge_Troubles::note( 'refused_' . $result['status'] );
		} else {
			// Secret and clocks are right again. What else was refused was that one note.
			LateSync_Bridge_Troubles::clear( 'refused_401' );
		}
	}

	/** LateSync answered well: what was noted about it before is over. */
	private static function forget_troubles(): void {
		LateSync_Bridge_Breaker::close();
		foreach ( array_keys( LateSync_Bridge_Troubles::all() ) as $code ) {
			if ( 'unreachable' === $code || 0 === strpos( $code, 'refused_' ) ) {
				LateSync_Bridge_Troubles::clear( $code );
			}
		}
	}

	/**
	 * Lets the visitor's browser go, where PHP can. True when nobody waits any more.
	 *
	 * Called at the very end of WordPress' shutdown and only when there is something to send.
	 */
	private static function finish_request(): bool {
		if ( in_array( PHP_SAPI, array( 'cli', 'phpdbg' ), true ) || wp_doing_cron() ) {
			return true;
		}
		foreach ( array( 'fastcgi_finish_request', 'litespeed_finish_request' ) as $finish ) {
			if ( function_exists( $finish ) ) {
				// The session's lock would hold up the visitor's next request.
				if ( PHP_SESSION_ACTIVE === session_status() ) {
					session_write_close();
				}
				ignore_user_abort( true );
				$finish();
				return true;
			}
		}
		return false;
	}

	/**
	 * Whether the owner forbade WordPress this address (WP_HTTP_BLOCK_EXTERNAL).
	 *
	 * @param string $url Where to.
	 */
	private static function is_blocked( string $url ): bool {
		return (bool) _wp_http_get_object()->block_request( $url );
	}

	/**
	 * Whether the owner wants this address asked through a proxy (WP_PROXY_HOST); then WordPress does it.
	 *
	 * @param string $url Where to.
	 */
	private static function needs_proxy( string $url ): bool {
		$proxy = new WP_HTTP_Proxy();
		return $proxy->is_enabled() && $proxy->send_through_proxy( $url );
	}

	/**
	 * Sends a note with WordPress' own client.
	 *
	 * @param array $note    Merged.
	 * @param float $limit_s In all.
	 * @return array|WP_Error
	 */
	private static function through_wordpress( array $note, float $limit_s ) {
		list( $headers, $body ) = self::signed( $note );
		return wp_remote_post(
			LateSync_Bridge_Settings::get( 'address' ) . self::PATH,
			array(
				'headers'             => $headers,
				'body'                => $body,
				'timeout'             => $limit_s,
				'redirection'         => 0,
				'sslverify'           => true,
				'sslcertificates'     => LateSync_Bridge_Wire::authorities(),
				'limit_response_size' => 256 * KB_IN_BYTES,
			)
		);
	}

	/**
	 * Headers and body of a note.
	 *
	 * @param array $note Merged.
	 */
	private static function signed( array $note ): array {
		$body    = (string) wp_json_encode( $note, JSON_UNESCAPED_SLASHES );
		$secret  = (string) LateSync_Bridge_Settings::get( 'secret' );
		$site    = (string) LateSync_Bridge_Settings::get( 'site' );
		$headers = LateSync_Bridge_Signature::headers( $secret, $site, 'POST', self::PATH, $body );
		$headers = array_merge(
			$headers,
			array(
				'Content-Type' => 'application/json',
				'User-Agent'   => 'LateSync-Bridge/' . LATESYNC_BRIDGE_VERSION,
			)
		);
		return array( $headers, $body );
	}
}
