<?php
/**
 * What somebody wants to book.
 *
 * @package LatePoint_Standin
 */

namespace LatePoint\Misc;

defined( 'ABSPATH' ) || exit;

class BookingRequest {

	public ?string $start_date  = null;
	public ?int $start_time     = null;
	public int $agent_id        = 0;
	public int $service_id      = 0;
	public int $location_id     = 0;
	public ?int $duration       = null;
	public int $total_attendees = 1;

	public function __construct( $args = array() ) {
		foreach ( array_keys( get_class_vars( __CLASS__ ) ) as $name ) {
			if ( ! isset( $args[ $name ] ) ) {
				continue;
			}
			// "any" agent or location: nobody in particular.
			$this->$name = 'any' === $args[ $name ] ? 0 : $args[ $name ];
		}
	}

	public static function create_from_booking_model( \OsBookingModel $booking ): BookingRequest {
		return new self(
			array(
				'start_date'      => $booking->start_date,
				'start_time'      => $booking->start_time,
				'agent_id'        => $booking->agent_id,
				'service_id'      => $booking->service_id,
				'location_id'     => $booking->location_id,
				'duration'        => $booking->duration,
				'total_attendees' => $booking->attendees(),
			)
		);
	}

	/**
	 * The length the form asks for: the column `duration`, not what lies between start and end (latepoint.md §2.3).
	 */
	public function get_total_duration(): int {
		$duration = $this->duration;
		if ( ! $duration ) {
			$service  = new \OsServiceModel( $this->service_id );
			$duration = $service->duration ? $service->duration : 60;
		}
		return (int) apply_filters( 'latepoint_calculated_total_duration', (int) $duration, $this );
	}
}
