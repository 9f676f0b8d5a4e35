<?php
/**
 * Reads when agents are busy from the table LateSync fills.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * One indexed query for all agents and the whole range. Writes nothing and calls nobody.
 */
class LateSync_Bridge_Busy_Time {

	// A table gone wild must not take the booking form's memory. A year of 20 agents is about half of it.
	const MOST_ROWS = 20000;

	// LatePoint looks more than once in a request. It also checks again before it books, perhaps after a slow payment:
	// that look must be a fresh one.
	const FRESH_S = 2.0;

	const MOST_REMEMBERED = 8;

	// While somebody rebuilds or locks the table, servers wait for it a day (MariaDB) or a year (MySQL). One second, for
	// this query alone: MariaDB reads the comment before SELECT, MySQL (8.0.3 or newer) the one behind it.
	const SELECT = '/*M!100102 SET STATEMENT lock_wait_timeout = 1 FOR */ SELECT /*+ SET_VAR(lock_wait_timeout = 1) */';

	/**
	 * What this request has read: key => array( 'at' => seconds, 'rows' => as read() ).
	 *
	 * @var array[]
	 */
	private static $remembered = array();

	/**
	 * Busy times that overlap a range.
	 *
	 * A row that makes no sense is left out and noted by its id (trouble `busy_row`).
	 *
	 * @param int[] $agent_ids Whose; none = everybody's.
	 * @param int   $from      Unix seconds.
	 * @param int   $to        Unix seconds, not included.
	 * @return array[]|null array( agent id, start, end ) each, in Unix seconds, in no order; null when the table cannot
	 *                      be read (noted as trouble `busy_table`).
	 */
	public static function read( array $agent_ids, int $from, int $to ): ?array {
		if ( $from >= $to ) {
			return array();
		}
		$agent_ids = array_values( array_unique( array_map( 'intval', $agent_ids ) ) );
		sort( $agent_ids );
		$key   = LateSync_Bridge_Tables::busy() . ' ' . $from . ' ' . $to . ' ' . implode( ',', $agent_ids );
		$known = self::$remembered[ $key ] ?? null;
		if ( null !== $known && microtime( true ) - $known['at'] < self::FRESH_S ) {
			return $known['rows'];
		}
		unset( self::$remembered[ $key ] );
		$rows = self::query( $agent_ids, $from, $to );
		if ( count( self::$remembered ) >= self::MOST_REMEMBERED ) {
			array_shift( self::$remembered );
		}
		self::$remembered[ $key ] = array(
			'at'   => microtime( true ),
			'rows' => $rows,
		);
		return $rows;
	}

	/**
	 * Asks the database. A failure is not shown on the page, nor written to PHP's log at every view.
	 *
	 * @param int[] $agent_ids Whose; none = everybody's.
	 * @param int   $from      Unix seconds.
	 * @param int   $to        Unix seconds.
	 * @return array[]|null As read().
	 */
	private static function query( array $agent_ids, int $from, int $to ): ?array {
		global $wpdb;
		$suppressed = $wpdb->suppress_errors( true );
		try {
			// phpcs:ignore WordPress.DB -- prepared right there; must be fresh, so no object cache.
			$rows  = $wpdb->get_results( self::sql( $agent_ids, $from, $to ) );
			$error = (string) $wpdb->last_error;
			// wpdb would keep all rows until the next query.
			$wpdb->flush();
		} finally {
			$wpdb->suppress_errors( $suppressed );
		}
		if ( '' !== $error || ! is_array( $rows ) ) {
			LateSync_Bridge_Troubles::note( 'busy_table' );
			return null;
		}
		if ( count( $rows ) > self::MOST_ROWS ) {
			array_pop( $rows );
			LateSync_Bridge_Troubles::note( 'busy_many', (string) self::MOST_ROWS );
		}
		return self::understood( $rows );
	}

	/**
	 * The prepared query. The id costs nothing: InnoDB has it in every key.
	 *
	 * @param int[] $agent_ids Whose; none = everybody's.
	 * @param int   $from      Unix seconds.
	 * @param int   $to        Unix seconds.
	 */
	private static function sql( array $agent_ids, int $from, int $to ): string {
		global $wpdb;
		$table  = LateSync_Bridge_Tables::busy();
		$agents = '';
		if ( array() !== $agent_ids ) {
			$agents = 'agent_id IN (' . implode( ',', array_fill( 0, count( $agent_ids ), '%d' ) ) . ') AND ';
		}
		$values = array_merge(
			$agent_ids,
			array( gmdate( 'Y-m-d H:i:s', $to ), gmdate( 'Y-m-d H:i:s', $from ), self::MOST_ROWS + 1 )
		);
		// phpcs:ignore WordPress.DB -- the table's name is ours, $agents holds placeholders only.
		return (string) $wpdb->prepare( self::SELECT . " id, agent_id, starts_at, ends_at FROM `$table` WHERE {$agents}starts_at < %s AND ends_at > %s LIMIT %d", $values );
	}

	/**
	 * Rows as numbers, without those that make no sense.
	 *
	 * Thousands of rows have few dates and few times of day: each is understood once and then looked up.
	 *
	 * @param object[] $rows id, agent_id, starts_at, ends_at as text, 'Y-m-d H:i:s' in UTC.
	 * @return array[] As read().
	 */
	private static function understood( array $rows ): array {
		$dates  = array();
		$clocks = array();
		$read   = array();
		foreach ( $rows as $row ) {
			$agent_id = (int) $row->agent_id;
			$start    = self::seconds( (string) $row->starts_at, $dates, $clocks );
			$end      = self::seconds( (string) $row->ends_at, $dates, $clocks );
			// NAN, for what is no time, is not greater than anything.
			if ( $agent_id > 0 && $end > $start ) {
				$read[] = array( $agent_id, $start, $end );
			} else {
				LateSync_Bridge_Troubles::note( 'busy_row', preg_replace( '/[^\w-]/', '?', (string) $row->id ) );
			}
		}
		return $read;
	}

	/**
	 * A moment as Unix seconds.
	 *
	 * @param string $text   'Y-m-d H:i:s' in UTC.
	 * @param array  $dates  Dates met so far => their midnight.
	 * @param array  $clocks Times of day met so far => seconds.
	 * @return int|float NAN for what is none (a zero date).
	 */
	private static function seconds( string $text, array &$dates, array &$clocks ) {
		$date             = substr( $text, 0, 10 );
		$clock            = substr( $text, 10 );
		$dates[ $date ]   = $dates[ $date ] ?? self::midnight( $date );
		$clocks[ $clock ] = $clocks[ $clock ] ?? self::second_of_day( $clock );
		return $dates[ $date ] + $clocks[ $clock ];
	}

	/**
	 * A time of day in seconds.
	 *
	 * @param string $clock ' H:i:s'.
	 * @return int|float NAN for what is none.
	 */
	private static function second_of_day( string $clock ) {
		if ( 1 !== preg_match( '/\A (\d{2}):(\d{2}):(\d{2})(?:\.\d+)?\z/', $clock, $part ) ) {
			return NAN;
		}
		return 3600 * (int) $part[1] + 60 * (int) $part[2] + (int) $part[3];
	}

	/**
	 * A date's midnight in UTC.
	 *
	 * @param string $date 'Y-m-d'.
	 * @return int|float Unix seconds; NAN for what is no date.
	 */
	private static function midnight( string $date ) {
		if ( 1 !== preg_match( '/\A(\d{4})-(\d{2})-(\d{2})\z/', $date, $part ) ) {
			return NAN;
		}
		if ( ! checkdate( (int) $part[2], (int) $part[3], (int) $part[1] ) ) {
			return NAN;
		}
		return gmmktime( 0, 0, 0, (int) $part[2], (int) $part[3], (int) $part[1] );
	}
}
