<?php
/**
 * Busy time closes slots of the booking form.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Adds busy times to what LatePoint must not offer (filter latepoint_blocked_periods_for_range; latepoint.md §3.2,
 * latepoint-live.md §1b).
 *
 * LatePoint asks when it shows times and again when one is booked. Whatever goes wrong here, the booking form stays up:
 * the days come back as they were, and the trouble is noted for the pages in WP admin.
 */
class LateSync_Bridge_Availability {

	const PERIOD = '\LatePoint\Misc\BlockedPeriod';

	/**
	 * Adds the filter. Two arguments from LatePoint 4.9.91 on, three from 5.6.5 on.
	 */
	public static function register(): void {
		add_filter( 'latepoint_blocked_periods_for_range', array( __CLASS__, 'add_busy_time' ), 10, 3 );
	}

	/**
	 * Adds a blocked period for each busy stretch of each local day.
	 *
	 * @param mixed $days    'Y-m-d' => list of blocked periods, for every day that is looked at. No key may be lost.
	 * @param mixed $filter  LatePoint's filter; its connections say which agents are looked at.
	 * @param mixed $backend True when staff look (5.6.5); earlier versions do not say.
	 * @return mixed The days.
	 */
	public static function add_busy_time( $days, $filter = null, $backend = false ) {
		if ( ! is_array( $days ) || array() === $days || ! is_object( $filter ) ) {
			return $days;
		}
		try {
			$agent_ids = self::agent_ids( $filter );
			if ( true !== $backend ) {
				self::say_who_is_looked_at( $agent_ids );
			}
			return self::with_busy_time( $days, $agent_ids );
		} catch ( Throwable $failure ) {
			LateSync_Bridge_Troubles::note( 'latepoint_shape', get_class( $failure ) );
			return $days;
		}
	}

	/**
	 * The days with busy time added; all of it or, when something throws, nothing.
	 *
	 * @param array $days      As add_busy_time().
	 * @param int[] $agent_ids Whose busy time; none = everybody's.
	 */
	private static function with_busy_time( array $days, array $agent_ids ): array {
		$minutes = new LateSync_Bridge_Day_Minutes( wp_timezone(), array_keys( $days ) );
		$rows    = LateSync_Bridge_Busy_Time::read( $agent_ids, $minutes->from(), $minutes->to() );
		if ( null === $rows || array() === $rows ) {
			return $days;
		}
		if ( ! class_exists( self::PERIOD ) ) {
			LateSync_Bridge_Troubles::note( 'latepoint_shape', 'BlockedPeriod' );
			return $days;
		}
		$class = self::PERIOD;
		$added = array();
		foreach ( $rows as list( $agent_id, $start, $end ) ) {
			foreach ( $minutes->covered( $start, $end ) as list( $day, $start_minute, $end_minute ) ) {
				// The same again closes nothing more; many long rows would fill the memory with whole days.
				$span = 2048 * $start_minute + $end_minute;
				if ( isset( $added[ $day ][ $agent_id ][ $span ] ) ) {
					continue;
				}
				$added[ $day ][ $agent_id ][ $span ] = true;
				// Agent 0 or none would close the day for everybody; a NULL minute is a TypeError.
				$days[ $day ][] = new $class(
					array(
						'agent_id'   => $agent_id,
						'start_date' => $day,
						'end_date'   => $day,
						'start_time' => $start_minute,
						'end_time'   => $end_minute,
					)
				);
			}
		}
		return $days;
	}

	/**
	 * Whose busy time matters: the connections' agents, else the filter's, else everybody's (none).
	 *
	 * @param object $filter LatePoint's filter.
	 * @return int[] Ids above 0, each once.
	 */
	private static function agent_ids( $filter ): array {
		$ids         = array();
		$connections = $filter->connections ?? array();
		foreach ( is_array( $connections ) || $connections instanceof Traversable ? $connections : array() as $connection ) {
			$connection = (array) $connection;
			$ids[]      = $connection['agent_id'] ?? 0;
		}
		$ids = self::positive( $ids );
		return array() !== $ids ? $ids : self::positive( (array) ( $filter->agent_id ?? array() ) );
	}

	/**
	 * Numbers above 0, each once; what is not a number ('any') is left out.
	 *
	 * @param array $values Numbers or numeric strings.
	 * @return int[]
	 */
	private static function positive( array $values ): array {
		$ids = array();
		foreach ( $values as $value ) {
			if ( is_numeric( $value ) && (int) $value > 0 ) {
				$ids[ (int) $value ] = (int) $value;
			}
		}
		return array_values( $ids );
	}

	/**
	 * Lets LateSync look at these agents' calendars soon. That it cannot be told never costs a busy time.
	 *
	 * @param int[] $agent_ids Whose times a visitor is shown.
	 */
	private static function say_who_is_looked_at( array $agent_ids ): void {
		try {
			if ( array() !== $agent_ids && class_exists( 'LateSync_Bridge_Looking' ) ) {
				LateSync_Bridge_Looking::note( $agent_ids );
			}
		} catch ( Throwable $failure ) {
			LateSync_Bridge_Troubles::note( 'looking', get_class( $failure ) );
		}
	}
}
