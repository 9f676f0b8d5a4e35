<?php
/**
 * Asks LatePoint whether a booking may move to another time.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * LatePoint's own check, the one a customer's reschedule goes through: working hours, slot grid, other bookings and busy time
 * (latepoint.md §3.1), for the booking's agent, and as if the booking itself were not there.
 */
final class LateSync_Bridge_Vacancy {

	/** Whether this LatePoint can be asked (4.9.91 and every 5.x can). */
	public static function can_be_asked(): bool {
		return method_exists( 'OsBookingHelper', 'is_booking_request_available' )
			&& method_exists( '\LatePoint\Misc\BookingRequest', 'create_from_booking_model' );
	}

	/**
	 * Whether LatePoint offers this time.
	 *
	 * @param object $booking The OsBookingModel as it is; not changed.
	 * @param array  $wall    See class Wall_Clock.
	 */
	public static function is_bookable( $booking, array $wall ): bool {
		$moved  = clone $booking;
		$length = LateSync_Bridge_Wall_Clock::length( $wall );
		foreach ( array_merge( $wall, array( 'duration' => $length ) ) as $column => $value ) {
			$moved->$column = $value;
		}
		$request = \LatePoint\Misc\BookingRequest::create_from_booking_model( $moved );
		// Some releases reckon it as end_time minus start_time, below zero across midnight.
		$request->duration = $length;

		$settings = array( 'exclude_booking_ids' => array( (int) $booking->id ) );
		return true === OsBookingHelper::is_booking_request_available( $request, $settings );
	}
}
