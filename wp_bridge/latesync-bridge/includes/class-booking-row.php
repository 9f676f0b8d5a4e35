<?php
/**
 * A row of LatePoint's bookings: reading it and judging it.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/** A row is array( column => string or null ), as the database gives it. Nothing is written here. */
final class LateSync_Bridge_Booking_Row {

	/** What LateSync and the plugin compare. */
	const COLUMNS = array( 'agent_id', 'status', 'start_date', 'start_time', 'end_date', 'end_time' );

	/**
	 * A booking's row as stored, null without one.
	 *
	 * @param int $id LatePoint's number.
	 * @throws RuntimeException When it could not be read: not the same as not there.
	 */
	public static function read( int $id ): ?array {
		global $wpdb;
		$query      = 'SELECT ' . implode( ', ', self::COLUMNS ) . ' FROM ' . LateSync_Bridge_Latepoint::table( 'bookings' ) . ' WHERE id = %d';
		$suppressed = $wpdb->suppress_errors( true );
		// phpcs:ignore WordPress.DB -- the table's name is ours to build.
		$row = $wpdb->get_row( $wpdb->prepare( $query, $id ), ARRAY_A );
		$wpdb->suppress_errors( $suppressed );
		if ( '' !== $wpdb->last_error ) {
			throw new RuntimeException( 'booking not read' );
		}
		return is_array( $row ) ? $row : null;
	}

	/**
	 * Whether a row's columns are what LateSync believes: numbers as numbers, NULL only as null.
	 *
	 * @param string[] $columns  Which.
	 * @param array    $expected Column => value.
	 * @param array    $row      As stored.
	 */
	public static function matches( array $columns, array $expected, array $row ): bool {
		foreach ( $columns as $column ) {
			$wanted = $expected[ $column ] ?? null;
			$stored = $row[ $column ] ?? null;
			if ( null === $wanted || null === $stored ? $wanted !== $stored : (string) $wanted !== (string) $stored ) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Whether a booking of this status is still to come about. The set of statuses is open (latepoint.md §2.1), and one that
	 * holds no time, such as "pending", may be moved all the same: the owner chooses which reach the calendars.
	 *
	 * @param string $status As stored.
	 */
	public static function is_active( string $status ): bool {
		return ! in_array( $status, array( self::cancelled_status(), self::status( 'no_show' ), self::status( 'completed' ) ), true );
	}

	/**
	 * Whether a booking has begun: deleting old events from a calendar is tidying up, and must tell no customer of a
	 * cancellation.
	 *
	 * @param array $row As stored.
	 */
	public static function has_begun( array $row ): bool {
		if ( ! isset( $row['start_date'], $row['start_time'] ) ) {
			return false;
		}
		$wall = array(
			'start_date' => $row['start_date'],
			'start_time' => (int) $row['start_time'],
			'end_date'   => $row['start_date'],
			'end_time'   => (int) $row['start_time'],
		);
		return LateSync_Bridge_Wall_Clock::instants( $wall, wp_timezone() )[0]->getTimestamp() <= time();
	}

	/** LatePoint's word for cancelled. */
	public static function cancelled_status(): string {
		return self::status( 'cancelled' );
	}

	/**
	 * LatePoint's word for one of its own statuses.
	 *
	 * @param string $name The end of the constant's name, in small letters; also the word of every release known so far.
	 */
	private static function status( string $name ): string {
		$constant = 'LATEPOINT_BOOKING_STATUS_' . strtoupper( $name );
		return defined( $constant ) ? (string) constant( $constant ) : $name;
	}

	/**
	 * A row with its numbers as numbers.
	 *
	 * @param array $row As stored.
	 */
	public static function with_numbers( array $row ): array {
		foreach ( array( 'agent_id', 'start_time', 'end_time' ) as $number ) {
			$row[ $number ] = null === $row[ $number ] ? null : (int) $row[ $number ];
		}
		return $row;
	}
}
