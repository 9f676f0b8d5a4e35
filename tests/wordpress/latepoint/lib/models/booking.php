<?php
/**
 * A booking. Wall-clock columns in the site's zone are the truth (latepoint.md §2.2, §2.3).
 *
 * @package LatePoint_Standin
 */

defined( 'ABSPATH' ) || exit;

class OsBookingModel extends OsModel {

	const TABLE    = 'bookings';
	const OF_ALL   = array( 'agent_id', 'service_id', 'location_id', 'customer_id', 'start_date', 'end_date', 'status' );
	const REQUIRED = LATEPOINT_STANDIN_IS_4 ? self::OF_ALL : self::OF_ALL + array( 7 => 'order_item_id' );

	public function save( $alternative_validation = false, $skip_validation = false ) {
		if ( LATEPOINT_STANDIN_IS_4 && defined( 'REST_REQUEST' ) ) {
			// Where the visitor comes from. It takes for granted that the browser says so, and another program does not.
			$this->source_url = $_SERVER['HTTP_REFERER'];
		}
		if ( ! $this->booking_code ) {
			$this->booking_code = strtoupper( substr( str_shuffle( 'ABCDEFGHJKLMNPQRSTUVWXYZABCDEFGHJKLMNPQRSTUVWXYZ' ), 0, 7 ) );
		}
		foreach ( array( 'buffer_before', 'buffer_after' ) as $buffer ) {
			$this->$buffer = (int) $this->$buffer;
		}
		return parent::save( $alternative_validation, $skip_validation );
	}

	public function delete( $id = false ) {
		global $wpdb;
		$id = $id ? $id : $this->id;
		$wpdb->delete( LATEPOINT_TABLE_BOOKING_META, array( 'object_id' => $id ) );
		$wpdb->delete( LATEPOINT_TABLE_PROCESS_JOBS, array( 'object_id' => $id, 'object_model_type' => 'booking' ) );
		return parent::delete( $id );
	}

	public function attendees() {
		$column = LATEPOINT_STANDIN_IS_4 ? 'total_attendies' : 'total_attendees';
		return max( 1, (int) $this->$column );
	}

	/**
	 * @param bool $calculate_from_start_and_end What lies between start and end, rather than `duration`.
	 */
	public function get_total_duration( $calculate_from_start_and_end = false ) {
		if ( $calculate_from_start_and_end ) {
			$days = ( new DateTime( $this->start_date ) )->diff( new DateTime( $this->end_date ) )->days;
			return (int) $this->end_time - (int) $this->start_time + 1440 * ( 1440 <= (int) $this->end_time ? $days - 1 : $days );
		}
		return \LatePoint\Misc\BookingRequest::create_from_booking_model( $this )->get_total_duration();
	}

	/**
	 * An end at midnight is stored as the next day *and* minute 1440 (latepoint-live.md §4b).
	 */
	public function calculate_end_date_and_time() {
		$this->end_date = $this->calculate_end_date();
		$this->end_time = $this->calculate_end_time();
	}

	public function calculate_end_time() {
		$end = (int) $this->start_time + $this->get_total_duration();
		return $end > 1440 ? $end % 1440 : $end;
	}

	public function calculate_end_date() {
		$end = (int) $this->start_time + $this->get_total_duration();
		return ( new DateTime( $this->start_date ) )->modify( '+' . intdiv( $end, 1440 ) . ' days' )->format( 'Y-m-d' );
	}

	/**
	 * Derive the UTC pair. From 5.0 on not for a start or end at minute 0: it keeps what it holds (latepoint.md §2.3).
	 *
	 * @param bool $save Write the row too.
	 */
	public function set_utc_datetimes( $save = false ) {
		if ( ! LATEPOINT_STANDIN_IS_4 && ( empty( $this->start_time ) || empty( $this->end_time ) ) ) {
			return;
		}
		$this->start_datetime_utc = self::utc( $this->start_date, (int) $this->start_time );
		$this->end_datetime_utc   = self::utc( $this->end_date, (int) $this->end_time );
		if ( $save ) {
			$this->save();
		}
	}

	public function is_bookable( $settings = array() ) {
		if ( $this->id ) {
			$settings += array( 'exclude_booking_ids' => array( $this->id ) );
		}
		return OsBookingHelper::is_booking_request_available( \LatePoint\Misc\BookingRequest::create_from_booking_model( $this ), $settings );
	}

	/**
	 * Minutes count as wall-clock minutes: in the gap of spring 02:30 is 03:30 (latepoint.md §2.3).
	 */
	private static function utc( $date, $minutes ) {
		$moment = new DateTime( $date, OsTimeHelper::get_wp_timezone() );
		$moment->setTime( intdiv( $minutes, 60 ), $minutes % 60 );
		return $moment->setTimezone( new DateTimeZone( 'UTC' ) )->format( 'Y-m-d H:i:s' );
	}
}
