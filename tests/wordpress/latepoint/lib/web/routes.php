<?php
/**
 * Calls that are no page: admin-post.php or admin-ajax.php with action=latepoint_route_call and a route_name.
 *
 * @package LatePoint_Standin
 */

defined( 'ABSPATH' ) || exit;

use LatePoint\Misc\BookingRequest;

class LatePoint_Standin_Routes {

	// Anybody's; every other route is an administrator's.
	const PUBLIC_ROUTES = array( 'steps__month', 'steps__submit', 'manage_booking_by_key__reschedule', 'manage_booking_by_key__cancel' );

	public static function register() {
		foreach ( array( 'admin_post', 'admin_post_nopriv', 'wp_ajax', 'wp_ajax_nopriv' ) as $hook ) {
			add_action( "{$hook}_latepoint_route_call", array( __CLASS__, 'call' ) );
		}
	}

	public static function call() {
		$route = sanitize_key( $_REQUEST['route_name'] ?? '' );
		if ( ! in_array( $route, self::PUBLIC_ROUTES, true ) && ! current_user_can( 'manage_options' ) ) {
			wp_send_json( array( 'status' => 'error', 'message' => 'Not allowed' ), 403 );
		}
		if ( ! method_exists( __CLASS__, $route ) || ! strpos( $route, '__' ) ) {
			wp_send_json( array( 'status' => 'error', 'message' => 'Unknown route' ), 404 );
		}
		self::$route( wp_unslash( $_REQUEST ) );
	}

	private static function steps__month( array $wish ) {
		header( 'Content-Type: text/html; charset=utf-8' );
		echo LatePoint_Standin_Pages::month( new BookingRequest( self::numbers( $wish ) ), $wish['month'], $wish['timezone_name'] ?? '' ); // phpcs:ignore WordPress.Security.EscapeOutput -- Made of numbers and dates.
		exit;
	}

	private static function steps__submit( array $wish ) {
		$values  = self::numbers( $wish );
		$request = new BookingRequest( $values );
		// Again, with what is known now: somebody may have looked at an old page (latepoint.md §3.1).
		$agent_id = OsBookingHelper::agent_for( $request );
		if ( ! $agent_id ) {
			wp_send_json( array( 'status' => 'error', 'message' => LatePoint_Standin_Flows::NOT_AVAILABLE ) );
		}
		$booking = ( new OsBookingModel() )->set_data( array( 'agent_id' => $agent_id ) + $values );
		LatePoint_Standin_Flows::create_in_front( $booking, $wish['customer'], $wish['comment'] ?? '' );
		self::tell( $booking );
	}

	private static function manage_booking_by_key__reschedule( array $wish ) {
		$booking = self::by_key( $wish['key'] );
		if ( ! LatePoint_Standin_Flows::reschedule( $booking, $wish['start_date'], $wish['start_time'] ) ) {
			wp_send_json( array( 'status' => 'error', 'message' => LatePoint_Standin_Flows::NOT_AVAILABLE ) );
		}
		self::tell( $booking );
	}

	private static function manage_booking_by_key__cancel( array $wish ) {
		$booking = self::by_key( $wish['key'] );
		LatePoint_Standin_Flows::set_status( $booking, LATEPOINT_BOOKING_STATUS_CANCELLED );
		self::tell( $booking );
	}

	private static function bookings__create( array $wish ) {
		$booking = ( new OsBookingModel() )->set_data( self::numbers( $wish ) );
		LatePoint_Standin_Flows::create_in_admin( $booking );
		self::tell( $booking );
	}

	private static function orders__update( array $wish ) {
		$order = new OsOrderModel( $wish['id'] );
		LatePoint_Standin_Flows::edit( $order->get_bookings(), $wish['bookings'] ?? array(), $order );
		self::done();
	}

	/** LatePoint 4, which knows no orders. */
	private static function bookings__update( array $wish ) {
		LatePoint_Standin_Flows::edit( array( new OsBookingModel( $wish['id'] ) ), $wish['bookings'] ?? array() );
		self::done();
	}

	private static function bookings__change_status( array $wish ) {
		LatePoint_Standin_Flows::set_status( new OsBookingModel( $wish['id'] ), sanitize_key( $wish['status'] ) );
		self::done();
	}

	private static function bookings__bulk_delete( array $wish ) {
		LatePoint_Standin_Flows::bulk_delete( array_map( 'intval', (array) $wish['ids'] ) );
		self::done();
	}

	private static function orders__destroy( array $wish ) {
		( new OsOrderModel( $wish['id'] ) )->delete();
		self::done();
	}

	private static function order_items__destroy( array $wish ) {
		( new OsOrderItemModel( $wish['id'] ) )->delete();
		self::done();
	}

	private static function services__destroy( array $wish ) {
		( new OsServiceModel( $wish['id'] ) )->delete();
		self::done();
	}

	private static function customers__destroy( array $wish ) {
		( new OsCustomerModel( $wish['id'] ) )->delete();
		self::done();
	}

	private static function agents__destroy( array $wish ) {
		( new OsAgentModel( $wish['id'] ) )->delete();
		self::done();
	}

	private static function by_key( $key ): OsBookingModel {
		global $wpdb;
		$sql = 'SELECT object_id FROM ' . LATEPOINT_TABLE_BOOKING_META . " WHERE meta_key LIKE 'key_to_manage_for_%%' AND meta_value = %s";
		$id  = $wpdb->get_var( $wpdb->prepare( $sql, $key ) );
		if ( ! $id ) {
			wp_send_json( array( 'status' => 'error', 'message' => 'Unknown link' ), 404 );
		}
		return new OsBookingModel( $id );
	}

	/**
	 * What of a form belongs to a booking.
	 */
	private static function numbers( array $wish ): array {
		$values = array();
		foreach ( array( 'agent_id', 'service_id', 'location_id', 'customer_id', 'start_time', 'duration', 'total_attendees' ) as $name ) {
			if ( isset( $wish[ $name ] ) && 'any' !== $wish[ $name ] ) {
				$values[ $name ] = (int) $wish[ $name ];
			}
		}
		foreach ( array( 'start_date', 'status' ) as $name ) {
			if ( isset( $wish[ $name ] ) ) {
				$values[ $name ] = sanitize_text_field( $wish[ $name ] );
			}
		}
		return $values;
	}

	private static function tell( OsBookingModel $booking ) {
		$order_id = null;
		if ( ! LATEPOINT_STANDIN_IS_4 ) {
			$order_id = (int) ( new OsOrderItemModel( $booking->order_item_id ) )->order_id;
		}
		wp_send_json(
			array(
				'status'     => 'success',
				'message'    => '',
				'booking_id' => (int) $booking->id,
				'order_id'   => $order_id,
				'agent_id'   => (int) $booking->agent_id,
			)
		);
	}

	private static function done() {
		wp_send_json( array( 'status' => 'success', 'message' => '' ) );
	}
}
