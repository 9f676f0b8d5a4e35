<?php
/**
 * What takes time, and whether a wish can be granted (latepoint.md §3.1).
 *
 * @package LatePoint_Standin
 */

defined( 'ABSPATH' ) || exit;

use LatePoint\Misc\BlockedPeriod;
use LatePoint\Misc\BookedPeriod;
use LatePoint\Misc\BookingRequest;
use LatePoint\Misc\Filter;

class OsBookingHelper {

	public static function get_timeslot_blocking_statuses(): array {
		$statuses = array_filter( array_map( 'trim', explode( ',', OsSettingsHelper::get_settings_value( 'timeslot_blocking_statuses' ) ) ) );
		return apply_filters( 'latepoint_get_timeslot_blocking_statuses', $statuses );
	}

	/**
	 * Every day of the range is a key. Add-ons add theirs; what comes back is used as it is.
	 */
	public static function get_blocked_periods_grouped_by_day( Filter $filter, bool $accessed_from_backend = false ): array {
		$grouped = array();
		$now     = OsTimeHelper::now_datetime_object();
		foreach ( OsResourceHelper::days( $filter->date_from, $filter->date_to ) as $day ) {
			$grouped[ $day ] = array();
			if ( $accessed_from_backend || $day > $now->format( 'Y-m-d' ) ) {
				continue;
			}
			$until             = $day === $now->format( 'Y-m-d' ) ? 60 * (int) $now->format( 'G' ) + (int) $now->format( 'i' ) : 1440;
			$grouped[ $day ][] = new BlockedPeriod(
				array(
					'start_date' => $day,
					'end_date'   => $day,
					'start_time' => 0,
					'end_time'   => $until,
				)
			);
		}
		// A third argument since 5.6.5.
		return version_compare( LATEPOINT_STANDIN_VERSION, '5.6.5', '<' )
			? apply_filters( 'latepoint_blocked_periods_for_range', $grouped, $filter )
			: apply_filters( 'latepoint_blocked_periods_for_range', $grouped, $filter, $accessed_from_backend );
	}

	/**
	 * Bookings of all agents that start in the range, by day; each counts on its first day with its plain minutes,
	 * so that one over midnight blocks nothing (latepoint.md §2.7).
	 */
	public static function get_booked_periods_grouped_by_day( Filter $filter, array $exclude_booking_ids = array() ): array {
		$grouped  = array_fill_keys( OsResourceHelper::days( $filter->date_from, $filter->date_to ), array() );
		$bookings = ( new OsBookingModel() )->where(
			array(
				'start_date >=' => $filter->date_from,
				'start_date <=' => $filter->date_to,
				'status'        => $filter->statuses,
			)
		)->get_results_as_models();
		$periods  = array();
		foreach ( $bookings as $booking ) {
			if ( ! in_array( (int) $booking->id, array_map( 'intval', $exclude_booking_ids ), true ) ) {
				$periods[] = self::period_of( $booking );
			}
		}
		foreach ( apply_filters( 'latepoint_get_booked_periods', $periods, $filter ) as $period ) {
			$grouped[ $period->start_date ][] = $period;
		}
		return $grouped;
	}

	/**
	 * Whether the very minute asked for is on offer, seen from the form: all of the grid, hours, bookings, blocked periods.
	 */
	public static function is_booking_request_available( BookingRequest $request, $settings = array() ): bool {
		return 0 < count( self::resources_for( $request, $settings ) );
	}

	/**
	 * Of those who could serve this wish, the first (agent "any").
	 */
	public static function agent_for( BookingRequest $request ): int {
		$resources = self::resources_for( $request );
		return $resources ? $resources[0]->agent_id : 0;
	}

	/**
	 * By its id; `latepoint_booking_updated` fires twice on this path (latepoint.md §2.8).
	 */
	public static function change_booking_status( $booking_id, $status ) {
		$booking = new OsBookingModel( $booking_id );
		if ( ! $booking_id || ! $booking->id ) {
			return false;
		}
		if ( $booking->status === $status ) {
			return true;
		}
		$old             = clone $booking;
		$booking->status = $status;
		if ( ! $booking->save() ) {
			return false;
		}
		do_action( 'latepoint_booking_updated', $booking, $old );
		do_action( 'latepoint_booking_updated', $booking, $old );
		return true;
	}

	private static function resources_for( BookingRequest $request, array $settings = array() ): array {
		if ( null === $request->start_date || null === $request->start_time ) {
			return array();
		}
		$day       = new OsWpDateTime( $request->start_date );
		$resources = OsResourceHelper::get_resources_grouped_by_day( $request, $day, $day, $settings )[ $request->start_date ];
		return array_values(
			array_filter(
				$resources,
				static function ( $resource ) use ( $request ) {
					$slot = $resource->slots[ $request->start_time ] ?? null;
					return $slot && $slot->can_accomodate( $request->total_attendees );
				}
			)
		);
	}

	private static function period_of( OsBookingModel $booking ): BookedPeriod {
		return new BookedPeriod(
			array(
				'start_date'      => $booking->start_date,
				'end_date'        => $booking->end_date,
				'start_time'      => $booking->start_time,
				'end_time'        => $booking->end_time,
				'buffer_before'   => $booking->buffer_before,
				'buffer_after'    => $booking->buffer_after,
				'agent_id'        => $booking->agent_id,
				'service_id'      => $booking->service_id,
				'location_id'     => (int) $booking->location_id,
				'total_attendees' => $booking->attendees(),
			)
		);
	}
}
