<?php
/**
 * What LateSync may ask of this site.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Four REST routes, open to whoever signs with the shared secret and to nobody else.
 *
 * POST latesync/v1/bookings/<id>/reschedule, …/cancel and …/meeting, GET latesync/v1/hello. Answers are our own JSON, not WordPress'
 * error objects: the other side is a program.
 */
final class LateSync_Bridge_Rest {

	const SPACE  = 'latesync/v1';
	const ANSWER = 'latesync_bridge_answer_';

	/** Hooks. */
	public static function register(): void {
		add_action( 'rest_api_init', array( __CLASS__, 'register_routes' ) );
		add_filter( 'rest_authentication_errors', array( __CLASS__, 'let_signed_through' ), PHP_INT_MAX );
		add_filter( 'rest_pre_dispatch', array( __CLASS__, 'ask_who_first' ), 0, 3 );
		add_filter( 'rest_request_after_callbacks', array( __CLASS__, 'speak_plainly' ), PHP_INT_MAX, 3 );
	}

	/** At rest_api_init. */
	public static function register_routes(): void {
		$routes = array(
			'/hello'                              => array( 'GET', 'hello' ),
			'/bookings/(?P<id>[1-9]\d{0,9})/reschedule' => array( 'POST', 'reschedule' ),
			'/bookings/(?P<id>[1-9]\d{0,9})/cancel' => array( 'POST', 'cancel' ),
			'/bookings/(?P<id>[1-9]\d{0,9})/meeting' => array( 'POST', 'meeting' ),
		);
		foreach ( $routes as $route => list( $method, $callback ) ) {
			register_rest_route(
				self::SPACE,
				$route,
				array(
					'methods'             => $method,
					'callback'            => array( __CLASS__, $callback ),
					'permission_callback' => array( 'LateSync_Bridge_Gate', 'is_signed' ),
					'show_in_index'       => false,
				)
			);
		}
	}

	/**
	 * Security plugins close the REST API to who is not logged in. A signed request to us has its own proof, which is
	 * checked afterwards.
	 *
	 * @param WP_Error|true|null $verdict Of those before us.
	 * @return WP_Error|true|null
	 */
	public static function let_signed_through( $verdict ) {
		$route = $GLOBALS['wp']->query_vars['rest_route'] ?? '';
		$ours  = is_string( $route ) && 0 === strpos( ltrim( $route, '/' ), self::SPACE . '/' );
		return $ours && ! empty( $_SERVER['HTTP_X_LATESYNC_SIGNATURE'] ) ? true : $verdict;
	}

	/**
	 * Asks before WordPress looks at anything else: it would read a JSON body of any size, and tell anybody what is wrong
	 * with it and which routes there are.
	 *
	 * @param mixed           $answer  Null, unless somebody answered already.
	 * @param WP_REST_Server  $server  WordPress'.
	 * @param WP_REST_Request $request The request.
	 * @return mixed
	 */
	public static function ask_who_first( $answer, $server, $request ) {
		if ( null !== $answer || ! self::is_ours( $request ) ) {
			return $answer;
		}
		$verdict = LateSync_Bridge_Gate::is_signed( $request );
		return is_wp_error( $verdict ) ? self::speak_plainly( $verdict, array(), $request ) : $answer;
	}

	/**
	 * Turns every error of our routes into our own short JSON, and keeps caches away.
	 *
	 * @param WP_REST_Response|WP_HTTP_Response|WP_Error|mixed $response So far.
	 * @param array                                            $handler  The route's.
	 * @param WP_REST_Request                                  $request  The request.
	 */
	public static function speak_plainly( $response, $handler, $request ) {
		if ( ! self::is_ours( $request ) ) {
			return $response;
		}
		if ( is_wp_error( $response ) ) {
			$data     = $response->get_error_data();
			$status   = is_array( $data ) && isset( $data['status'] ) ? (int) $data['status'] : 500;
			$body     = is_array( $data ) && isset( $data['latesync'] ) ? $data['latesync'] : array( 'error' => 400 === $status ? 'malformed' : 'failed' );
			$response = new WP_REST_Response( $body, $status );
		}
		$response = rest_ensure_response( $response );
		foreach ( wp_get_nocache_headers() as $name => $value ) {
			if ( false !== $value ) {
				$response->header( $name, $value );
			}
		}
		return $response;
	}

	/** Who is here. */
	public static function hello(): WP_REST_Response {
		$greeting = LateSync_Bridge_Courier::greeting()['hello'];
		return new WP_REST_Response(
			array_merge(
				array( 'v' => 1 ),
				$greeting,
				array(
					'site' => (string) LateSync_Bridge_Settings::get( 'site' ),
					'time' => time(),
				)
			)
		);
	}

	/**
	 * POST …/bookings/<id>/reschedule.
	 *
	 * @param WP_REST_Request $request Verified.
	 */
	public static function reschedule( $request ): WP_REST_Response {
		$message   = json_decode( $request->get_body(), true, 16 );
		$starts_at = LateSync_Bridge_Wall_Clock::instant( $message['to']['starts_at'] ?? null );
		$ends_at   = LateSync_Bridge_Wall_Clock::instant( $message['to']['ends_at'] ?? null );
		if ( ! self::is_well_formed( $message ) || ! $starts_at || ! $ends_at || $ends_at <= $starts_at ) {
			return new WP_REST_Response( array( 'error' => 'malformed' ), 400 );
		}
		$id = self::booking_id( $request );
		return self::once(
			$request,
			(int) $message['expected']['agent_id'],
			static function () use ( $id, $message, $starts_at, $ends_at ): array {
				return LateSync_Bridge_Write_Back::reschedule( $id, $message['expected'], $starts_at, $ends_at );
			}
		);
	}

	/**
	 * POST …/bookings/<id>/cancel.
	 *
	 * @param WP_REST_Request $request Verified.
	 */
	public static function cancel( $request ): WP_REST_Response {
		$message = json_decode( $request->get_body(), true, 16 );
		if ( ! self::is_well_formed( $message ) ) {
			return new WP_REST_Response( array( 'error' => 'malformed' ), 400 );
		}
		$id = self::booking_id( $request );
		return self::once(
			$request,
			(int) $message['expected']['agent_id'],
			static function () use ( $id, $message ): array {
				return LateSync_Bridge_Write_Back::cancel( $id, $message['expected'] );
			}
		);
	}

	/**
	 * POST …/bookings/<id>/meeting.
	 *
	 * @param WP_REST_Request $request Verified.
	 */
	public static function meeting( $request ): WP_REST_Response {
		$message = json_decode( $request->get_body(), true, 16 );
		$url     = is_array( $message ) && 1 === ( $message['v'] ?? null ) ? ( $message['url'] ?? null ) : null;
		if ( ! LateSync_Bridge_Meeting::is_link( $url ) ) {
			return new WP_REST_Response( array( 'error' => 'malformed' ), 400 );
		}
		$id = self::booking_id( $request );
		// Nothing of an agent's time changes: agent 0 is nobody's.
		return self::once(
			$request,
			0,
			static function () use ( $id, $url ): array {
				return LateSync_Bridge_Meeting::keep( $id, $url );
			}
		);
	}

	/**
	 * Makes a change at most once per Idempotency-Key; a repeat within a day gets the first one's answer.
	 *
	 * @param WP_REST_Request $request  Verified.
	 * @param int             $agent_id Whose booking it is.
	 * @param callable        $change   Returns array( status, body ).
	 */
	private static function once( $request, int $agent_id, callable $change ): WP_REST_Response {
		$key = (string) $request->get_header( 'Idempotency-Key' );
		if ( ! preg_match( '/^[A-Za-z0-9_-]{8,64}\z/', $key ) ) {
			return new WP_REST_Response( array( 'error' => 'malformed' ), 400 );
		}
		$name = self::ANSWER . md5( $key . ' ' . $request->get_route() );
		// Somebody who prints in one of LatePoint's hooks would garble the answer.
		$level = ob_get_level();
		ob_start();
		try {
			$answer = LateSync_Bridge_Write_Back::alone(
				$agent_id,
				static function () use ( $name, $change ): array {
					$kept = get_transient( $name );
					if ( is_array( $kept ) && 2 === count( $kept ) ) {
						return $kept;
					}
					$answer = $change();
					// 500 and 503 say "try again": only what is final is kept.
					if ( $answer[0] < 500 ) {
						set_transient( $name, $answer, DAY_IN_SECONDS );
					}
					return $answer;
				}
			);
		} catch ( Throwable $failure ) {
			LateSync_Bridge_Troubles::note( 'write_back', get_class( $failure ) );
			$answer = LateSync_Bridge_Write_Back::failed();
		}
		while ( ob_get_level() > $level && ob_end_clean() ) {
			continue;
		}
		return new WP_REST_Response( $answer[1], $answer[0] );
	}

	/**
	 * The booking the signed path names. Not $request['id']: a query or a body may hold an `id` too, and goes before.
	 *
	 * @param WP_REST_Request $request Verified.
	 */
	private static function booking_id( $request ): int {
		return (int) ( $request->get_url_params()['id'] ?? 0 );
	}

	/**
	 * Whether a request is for one of our routes; WordPress matches them in any letter case.
	 *
	 * @param WP_REST_Request $request The request.
	 */
	private static function is_ours( $request ): bool {
		return 0 === stripos( $request->get_route(), '/' . self::SPACE . '/' );
	}

	/**
	 * Whether a message is of our version and holds the row as LateSync knows it.
	 *
	 * @param mixed $message Decoded JSON.
	 */
	private static function is_well_formed( $message ): bool {
		$expected = is_array( $message ) && 1 === ( $message['v'] ?? null ) ? ( $message['expected'] ?? null ) : null;
		if ( ! is_array( $expected ) ) {
			return false;
		}
		foreach ( LateSync_Bridge_Booking_Row::COLUMNS as $column ) {
			$value = array_key_exists( $column, $expected ) ? $expected[ $column ] : false;
			if ( null !== $value && ! is_int( $value ) && ! is_string( $value ) ) {
				return false;
			}
		}
		return true;
	}
}
