<?php
/**
 * Times that are taken (latepoint.md §3.2). Typed on purpose: NULL where a number belongs is a TypeError, as in LatePoint.
 *
 * @package LatePoint_Standin
 */

namespace LatePoint\Misc;

defined( 'ABSPATH' ) || exit;

class BlockedPeriod {

	public string $start_date = '';
	public string $end_date   = '';
	public int $start_time    = 0;
	public int $end_time      = 0;
	public ?int $agent_id     = null;
	public ?int $service_id   = null;
	public ?int $location_id  = null;

	/**
	 * `reason` is taken although it is not declared: PHP 8.2 says so in its log.
	 *
	 * @param array $args Property => value.
	 */
	public function __construct( $args = array() ) {
		foreach ( array( 'start_date', 'end_date', 'start_time', 'end_time', 'agent_id', 'service_id', 'location_id', 'reason' ) as $name ) {
			if ( array_key_exists( $name, $args ) ) {
				$this->$name = $args[ $name ];
			}
		}
	}
}

class BookedPeriod {

	public string $start_date   = '';
	public string $end_date     = '';
	public int $start_time      = 0;
	public int $end_time        = 0;
	public int $buffer_before   = 0;
	public int $buffer_after    = 0;
	public int $agent_id        = 0;
	public int $service_id      = 0;
	public int $location_id     = 0;
	public int $total_attendees = 1;

	public function __construct( $args = array() ) {
		foreach ( array_keys( get_class_vars( __CLASS__ ) ) as $name ) {
			if ( array_key_exists( $name, $args ) ) {
				$this->$name = $args[ $name ];
			}
		}
	}
}
