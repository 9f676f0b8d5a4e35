<?php
/**
 * Who could serve when: connections, work periods, slots, and what is taken of them (latepoint.md §3.1).
 *
 * @package LatePoint_Standin
 */

defined( 'ABSPATH' ) || exit;

use LatePoint\Misc\BookingRequest;
use LatePoint\Misc\BookingResource;
use LatePoint\Misc\Filter;

class OsResourceHelper {

	/**
	 * @param array $settings exclude_booking_ids (int[]), accessed_from_backend (bool).
	 * @return array 'Y-m-d' => BookingResource[]
	 */
	public static function get_resources_grouped_by_day( BookingRequest $request, DateTime $date_from, ?DateTime $date_to = null, array $settings = array() ): array {
		$date_to     = $date_to ? $date_to : $date_from;
		$exclude     = (array) ( $settings['exclude_booking_ids'] ?? array() );
		$connections = self::connections( $request );
		$filter      = new Filter(
			array(
				'date_from'           => $date_from->format( 'Y-m-d' ),
				'date_to'             => $date_to->format( 'Y-m-d' ),
				'connections'         => $connections,
				'service_id'          => $request->service_id,
				'location_id'         => $request->location_id,
				'exclude_booking_ids' => $exclude,
				'statuses'            => OsBookingHelper::get_timeslot_blocking_statuses(),
				'consider_cart_items' => true,
			)
		);
		$booked      = OsBookingHelper::get_booked_periods_grouped_by_day( $filter, $exclude );
		$blocked     = OsBookingHelper::get_blocked_periods_grouped_by_day( $filter, ! empty( $settings['accessed_from_backend'] ) );
		$daily       = self::resources( $request, $connections, self::days( $filter->date_from, $filter->date_to ) );
		$rules       = self::rules();
		foreach ( $daily as $day => $resources ) {
			foreach ( $resources as $resource ) {
				self::apply( $resource, $booked[ $day ], $blocked[ $day ], $rules );
			}
		}
		return apply_filters( 'latepoint_get_resources_grouped_by_day', $daily, $request, $date_from, $date_to, $settings );
	}

	/**
	 * @return string[] 'Y-m-d', both ends included.
	 */
	public static function days( string $from, string $to ): array {
		$days = array();
		for ( $day = new DateTime( $from ); $day->format( 'Y-m-d' ) <= $to; $day->modify( '+1 day' ) ) {
			$days[] = $day->format( 'Y-m-d' );
		}
		return $days;
	}

	private static function apply( BookingResource $resource, array $booked, array $blocked, array $rules ): void {
		foreach ( $booked as $period ) {
			$resource->apply_booked_period( $period, $rules );
		}
		foreach ( $blocked as $period ) {
			$resource->apply_blocked_period( $period );
		}
	}

	private static function resources( BookingRequest $request, array $connections, array $days ): array {
		$rows     = ( new OsWorkPeriodModel() )->get_results();
		$duration = $request->get_total_duration();
		$services = array();
		$daily    = array();
		foreach ( $days as $day ) {
			$daily[ $day ] = array();
			foreach ( $connections as $connection ) {
				$id              = $connection->service_id;
				$services[ $id ] = $services[ $id ] ?? new OsServiceModel( $id );
				$resource        = new BookingResource( $connection, $services[ $id ], $duration );
				$resource->make_slots( self::hours( $rows, $connection, $day ) );
				$daily[ $day ][] = $resource;
			}
		}
		return $daily;
	}

	private static function connections( BookingRequest $request ): array {
		global $wpdb;
		$sql = 'SELECT c.agent_id, c.service_id, c.location_id FROM ' . LATEPOINT_TABLE_AGENTS_SERVICES . ' c'
			. ' JOIN ' . LATEPOINT_TABLE_AGENTS . " a ON a.id = c.agent_id AND a.status = 'active'"
			. ' JOIN ' . LATEPOINT_TABLE_SERVICES . " s ON s.id = c.service_id AND s.status = 'active'"
			. ' JOIN ' . LATEPOINT_TABLE_LOCATIONS . " l ON l.id = c.location_id AND l.status = 'active'"
			. ' WHERE (0 = %d OR c.agent_id = %d) AND (0 = %d OR c.service_id = %d) AND (0 = %d OR c.location_id = %d) ORDER BY c.agent_id';
		return $wpdb->get_results(
			$wpdb->prepare( $sql, $request->agent_id, $request->agent_id, $request->service_id, $request->service_id, $request->location_id, $request->location_id )
		);
	}

	/**
	 * The heaviest rows win the day; those of equal weight and different owners are intersected; an empty one closes.
	 */
	private static function hours( array $rows, $connection, string $day ): array {
		$heaviest = -1;
		$owners   = array();
		$week_day = (int) ( new DateTime( $day ) )->format( 'N' );
		foreach ( $rows as $row ) {
			if ( (int) $row->week_day !== $week_day || ( $row->custom_date && $row->custom_date !== $day ) ) {
				continue;
			}
			$weight = self::weight( $row, $connection );
			if ( $weight > $heaviest ) {
				$heaviest = $weight;
				$owners   = array();
			}
			if ( $weight === $heaviest && $weight >= 0 ) {
				$owners[ "$row->agent_id $row->service_id $row->location_id" ][] = array( (int) $row->start_time, (int) $row->end_time );
			}
		}
		$hours = array( array( 0, 1440 ) );
		foreach ( $owners as $periods ) {
			$hours = self::intersected( $hours, $periods );
		}
		return $owners ? $hours : array();
	}

	/**
	 * @return int -1: the row is somebody else's.
	 */
	private static function weight( $row, $connection ): int {
		$weight = $row->custom_date ? 3 : 0;
		foreach ( array( 'agent_id', 'service_id', 'location_id' ) as $column ) {
			if ( ! (int) $row->$column ) {
				continue;
			}
			if ( (int) $row->$column !== (int) $connection->$column ) {
				return -1;
			}
			++$weight;
		}
		return $weight;
	}

	private static function intersected( array $hours, array $periods ): array {
		$common = array();
		foreach ( $periods as $period ) {
			if ( $period[0] === $period[1] ) {
				return array();
			}
			foreach ( $hours as $hour ) {
				$both = array( max( $hour[0], $period[0] ), min( $hour[1], $period[1] ) );
				if ( $both[0] < $both[1] ) {
					$common[] = $both;
				}
			}
		}
		return $common;
	}

	private static function rules(): array {
		$rules = array();
		foreach ( array( 'one_location_at_time', 'multiple_services_at_time', 'one_agent_at_location' ) as $name ) {
			$rules[ $name ] = OsSettingsHelper::is_on( $name );
		}
		return $rules;
	}
}
