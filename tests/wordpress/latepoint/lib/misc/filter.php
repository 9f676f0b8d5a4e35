<?php
/**
 * What availability is asked for: days, and which agent × service × location.
 *
 * @package LatePoint_Standin
 */

namespace LatePoint\Misc;

defined( 'ABSPATH' ) || exit;

#[\AllowDynamicProperties]
class Filter {

	public string $date_from          = '';
	public string $date_to            = '';
	public array $connections         = array();
	public int $service_id            = 0;
	public int $agent_id              = 0;
	public int $location_id           = 0;
	public array $statuses            = array();
	public array $exclude_booking_ids = array();
	public bool $consider_cart_items  = false;
	public bool $exact_match          = false;

	public function __construct( $args = array() ) {
		foreach ( $args as $name => $value ) {
			if ( property_exists( $this, $name ) ) {
				$this->$name = $value;
			}
		}
	}
}
