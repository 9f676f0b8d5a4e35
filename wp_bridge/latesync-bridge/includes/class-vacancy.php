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

		$without_itself = self::without( $booking );
		add_filter( 'latepoint_get_booked_periods', $without_itself, PHP_INT_MAX, 2 );
		try {
			$settings = array( 'exclude_booking_ids' => array( (int) $booking->id ) );
			return true === OsBookingHelper::is_booking_request_available( $request, $settings );
		} finally {
			remove_filter( 'latepoint_get_booked_periods', $without_itself, PHP_INT_MAX );
		}
	}

	/**
	 * A filter that takes the booking out of the booked periods.
	 *
	 * Older releases (4.9.91 among them) have no exclude_booking_ids and would let a booking stand in its own way. Where
	 * LatePoint left it out already, a period that looks the same is another customer's in a group, and stays.
	 *
	 * @param object $booking The OsBookingModel as it is.
	 */
	private static function without( $booking ): Closure {
		return static function ( $periods, $filter = null ) use ( $booking ) {
			$left_out = is_object( $filter ) && isset( $filter->exclude_booking_ids ) ? (array) $filter->exclude_booking_ids : array();
			if ( ! is_array( $periods ) || in_array( (int) $booking->id, array_map( 'intval', $left_out ), true ) ) {
				return $periods;
			}
			foreach ( $periods as $key => $period ) {
				if ( is_object( $period ) && self::is_of( $period, $booking ) ) {
					unset( $periods[ $key ] );
					break;
				}
			}
			return array_values( $periods );
		};
	}

	/**
	 * Whether a booked period is that of the booking, or one no different in anything that counts.
	 *
	 * @param object $period  A \LatePoint\Misc\BookedPeriod.
	 * @param object $booking An OsBookingModel.
	 */
	private static function is_of( $period, $booking ): bool {
		$marks = array( 'start_date', 'start_time', 'end_time', 'agent_id', 'service_id', 'location_id' );
		foreach ( $marks as $mark ) {
			if ( (string) ( $period->$mark ?? '' ) !== (string) ( $booking->$mark ?? '' ) ) {
				return false;
			}
		}
		return self::seats( $period ) === self::seats( $booking );
	}

	/**
	 * Seats taken; the column's name was misspelt up to 4.x (latepoint.md §1.2).
	 *
	 * @param object $holder Period or booking.
	 */
	private static function seats( $holder ): int {
		return (int) ( $holder->total_attendees ?? $holder->total_attendies ?? 1 );
	}
}
