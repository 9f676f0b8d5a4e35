<?php
/**
 * One agent × service × location on one day, with its slots (latepoint.md §3.1).
 *
 * @package LatePoint_Standin
 */

namespace LatePoint\Misc;

defined( 'ABSPATH' ) || exit;

class BookingSlot {

	public int $start_time;
	public int $max_capacity;
	public int $total_attendees = 0;

	public function __construct( int $start_time, int $max_capacity ) {
		$this->start_time   = $start_time;
		$this->max_capacity = $max_capacity;
	}

	public function fill_up(): void {
		$this->total_attendees = $this->max_capacity;
	}

	public function can_accomodate( int $attendees = 1 ): bool {
		return $this->total_attendees + $attendees <= $this->max_capacity;
	}
}

class BookingResource {

	public int $agent_id;
	public int $service_id;
	public int $location_id;
	/** @var BookingSlot[] */
	public array $slots = array();

	private int $duration;
	private int $before;
	private int $after;
	private \OsServiceModel $service;

	public function __construct( $connection, \OsServiceModel $service, int $duration ) {
		$this->agent_id    = (int) $connection->agent_id;
		$this->service_id  = (int) $connection->service_id;
		$this->location_id = (int) $connection->location_id;
		$this->service     = $service;
		$this->duration    = $duration;
		$this->before      = (int) $service->buffer_before;
		$this->after       = (int) $service->buffer_after;
	}

	/**
	 * @param array $hours List of (start, end) minutes.
	 */
	public function make_slots( array $hours ): void {
		$step = (int) ( $this->service->timeblock_interval ? $this->service->timeblock_interval : \OsSettingsHelper::get_settings_value( 'timeblock_interval', 30 ) );
		foreach ( $hours as $period ) {
			for ( $start = $period[0]; $start <= $period[1] - $this->duration; $start += $step ) {
				$this->slots[ $start ] = new BookingSlot( $start, max( 1, (int) $this->service->capacity_max ) );
			}
		}
		ksort( $this->slots );
	}

	/**
	 * Any overlap fills the slot, free seats or not. The period's service and location are not looked at.
	 */
	public function apply_blocked_period( BlockedPeriod $period ): void {
		if ( ! empty( $period->agent_id ) && $period->agent_id !== $this->agent_id ) {
			return;
		}
		foreach ( $this->slots as $slot ) {
			if ( $this->overlaps( $slot, $period->start_time, $period->end_time ) ) {
				$slot->fill_up();
			}
		}
	}

	public function apply_booked_period( BookedPeriod $period, array $rules ): void {
		$is_agent    = $period->agent_id === $this->agent_id;
		$is_location = $period->location_id === $this->location_id;
		$is_service  = $period->service_id === $this->service_id;
		$is_shared   = $is_agent && $is_location && $is_service;
		$is_taken    = ( $is_agent && ! $is_location && $rules['one_location_at_time'] )
			|| ( $is_agent && $is_location && ! $is_service && ! $rules['multiple_services_at_time'] )
			|| ( ! $is_agent && $is_location && $rules['one_agent_at_location'] );
		if ( ! $is_shared && ! $is_taken ) {
			return;
		}
		foreach ( $this->slots as $slot ) {
			if ( ! $this->overlaps( $slot, $period->start_time - $period->buffer_before, $period->end_time + $period->buffer_after ) ) {
				continue;
			}
			if ( $is_shared ) {
				$slot->total_attendees += $period->total_attendees;
			} else {
				$slot->fill_up();
			}
		}
	}

	/**
	 * Half-open, inside one day: what reaches over midnight is not compared with the next day.
	 */
	private function overlaps( BookingSlot $slot, int $start, int $end ): bool {
		return $start < $slot->start_time + $this->duration + $this->after && $end > $slot->start_time - $this->before;
	}
}
