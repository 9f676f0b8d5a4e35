<?php
/**
 * Moves and cancels bookings for LateSync.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Through LatePoint's own classes and hooks, so that LatePoint tells the customer, writes its log and moves its reminders;
 * by SQL nothing of that would happen (latepoint-live.md §5). Nothing is sent from here.
 *
 * Every answer is array( HTTP status, body ).
 */
final class LateSync_Bridge_Write_Back {

	/** How long another change of the same agent's is waited for. */
	const LOCK_S = 5;

	/**
	 * Does a change while no other for the same agent is under way: two bookings must not move to one free time.
	 *
	 * A database without such locks (some clusters) goes without: the comparison with `expected` still stands.
	 *
	 * @param int      $agent_id LatePoint's number; of a message about another agent than the row's nothing is done.
	 * @param callable $change   Returns an answer.
	 */
	public static function alone( int $agent_id, callable $change ): array {
		global $wpdb;
		// Locks are shared by all sites of a database server, and their names may have 64 characters.
		$name       = 'latesync_' . substr( md5( DB_NAME . $wpdb->prefix ), 0, 16 ) . '_' . get_current_blog_id() . '_' . $agent_id;
		$suppressed = $wpdb->suppress_errors( true );
		$got        = $wpdb->get_var( $wpdb->prepare( 'SELECT GET_LOCK(%s, %d)', $name, self::LOCK_S ) );
		$wpdb->suppress_errors( $suppressed );
		if ( '0' === (string) $got ) {
			return self::failed();
		}
		try {
			return $change();
		} finally {
			if ( '1' === (string) $got ) {
				$wpdb->query( $wpdb->prepare( 'SELECT RELEASE_LOCK(%s)', $name ) );
			}
		}
	}

	/**
	 * Moves a booking, if LatePoint offers the time.
	 *
	 * @param int               $id        LatePoint's number.
	 * @param array             $expected  The row as LateSync knows it, all of Booking_Row::COLUMNS.
	 * @param DateTimeImmutable $starts_at Where to.
	 * @param DateTimeImmutable $ends_at   Where to; after the start.
	 */
	public static function reschedule( int $id, array $expected, DateTimeImmutable $starts_at, DateTimeImmutable $ends_at ): array {
		if ( ! LateSync_Bridge_Latepoint::is_active() || ! LateSync_Bridge_Vacancy::can_be_asked() ) {
			return self::missing();
		}
		$row = LateSync_Bridge_Booking_Row::read( $id );
		if ( null === $row ) {
			return self::refused( 'unknown', 404 );
		}
		if ( ! LateSync_Bridge_Booking_Row::is_active( (string) $row['status'] ) ) {
			return self::refused( 'cancelled' );
		}
		$zone = wp_timezone();
		$wall = LateSync_Bridge_Wall_Clock::wall( $starts_at, $ends_at, $zone );
		if ( LateSync_Bridge_Wall_Clock::is_same( $wall, $row ) && LateSync_Bridge_Booking_Row::matches( array( 'agent_id', 'status' ), $expected, $row ) ) {
			return self::applied( $row );
		}
		if ( ! LateSync_Bridge_Booking_Row::matches( LateSync_Bridge_Booking_Row::COLUMNS, $expected, $row ) ) {
			return self::refused( 'changed' );
		}
		if ( $starts_at->getTimestamp() <= time() ) {
			return self::refused( 'past' );
		}
		$seconds = $ends_at->getTimestamp() - $starts_at->getTimestamp();
		// By the clock too: LatePoint would read a 25 hour wall as one hour (latepoint.md §2.3).
		if ( $seconds > DAY_IN_SECONDS || LateSync_Bridge_Wall_Clock::length( $wall ) > LateSync_Bridge_Wall_Clock::DAY_MINUTES ) {
			return self::refused( 'too_long' );
		}
		if ( ! LateSync_Bridge_Wall_Clock::can_tell( $wall, $starts_at, $ends_at, $zone ) ) {
			return self::refused( 'not_bookable' );
		}
		return self::move( $id, $wall, $zone );
	}

	/**
	 * Cancels a booking; the row stays.
	 *
	 * @param int   $id       LatePoint's number.
	 * @param array $expected The row as LateSync knows it, all of Booking_Row::COLUMNS.
	 */
	public static function cancel( int $id, array $expected ): array {
		if ( ! LateSync_Bridge_Latepoint::is_active() ) {
			return self::missing();
		}
		$row = LateSync_Bridge_Booking_Row::read( $id );
		if ( null === $row ) {
			return self::refused( 'unknown', 404 );
		}
		$cancelled = LateSync_Bridge_Booking_Row::cancelled_status();
		if ( $cancelled === $row['status'] ) {
			return self::applied( $row );
		}
		if ( ! LateSync_Bridge_Booking_Row::matches( LateSync_Bridge_Booking_Row::COLUMNS, $expected, $row ) ) {
			return self::refused( 'changed' );
		}
		if ( LateSync_Bridge_Booking_Row::has_begun( $row ) ) {
			return self::refused( 'past' );
		}
		$booking = new OsBookingModel( $id );
		if ( empty( $booking->id ) ) {
			return self::refused( 'unknown', 404 );
		}
		$before          = clone $booking;
		$booking->status = $cancelled;
		if ( ! self::save( $booking, array( 'status' => $cancelled ) ) ) {
			return self::refused( 'not_saved' );
		}
		self::tell( array( 'latepoint_booking_updated', 'latepoint_booking_change_status' ), $booking, $before );
		return self::applied( LateSync_Bridge_Booking_Row::read( $id ) );
	}

	/**
	 * The move itself, when nothing on our side speaks against it.
	 *
	 * @param int          $id   LatePoint's number.
	 * @param array        $wall Where to.
	 * @param DateTimeZone $zone The site's.
	 */
	private static function move( int $id, array $wall, DateTimeZone $zone ): array {
		$booking = new OsBookingModel( $id );
		if ( empty( $booking->id ) ) {
			return self::refused( 'unknown', 404 );
		}
		if ( ! LateSync_Bridge_Vacancy::is_bookable( $booking, $wall ) ) {
			return self::refused( self::is_busy( (int) $booking->agent_id, $wall, $zone ) ? 'busy' : 'not_bookable' );
		}
		$before = clone $booking;
		self::set_times( $booking, $wall, $zone );
		if ( ! self::save( $booking, $wall ) ) {
			return self::refused( 'not_saved' );
		}
		self::tell( array( 'latepoint_booking_updated' ), $booking, $before );
		return self::applied( LateSync_Bridge_Booking_Row::read( $id ) );
	}

	/**
	 * Whether the agent's own calendar fills some of that time: the agent can see that there, and need not ask LatePoint.
	 *
	 * @param int          $agent_id LatePoint's number.
	 * @param array        $wall     Where to.
	 * @param DateTimeZone $zone     The site's.
	 */
	private static function is_busy( int $agent_id, array $wall, DateTimeZone $zone ): bool {
		list( $start, $end ) = LateSync_Bridge_Wall_Clock::instants( $wall, $zone );
		return (bool) LateSync_Bridge_Busy_Time::read( array( $agent_id ), $start->getTimestamp(), $end->getTimestamp() );
	}

	/**
	 * Sets the wall-clock and the UTC columns. `duration` stays: it is the chosen service's (latepoint.md §2.3).
	 *
	 * @param object       $booking An OsBookingModel.
	 * @param array        $wall    Where to.
	 * @param DateTimeZone $zone    The site's.
	 */
	private static function set_times( $booking, array $wall, DateTimeZone $zone ): void {
		foreach ( $wall as $column => $value ) {
			$booking->$column = $value;
		}
		// Not by set_utc_datetimes(): it skips times at minute 0 and puts an end at minute 1440 a day late (latepoint.md §2.3).
		list( $start, $end )         = LateSync_Bridge_Wall_Clock::instants( $wall, $zone );
		$booking->start_datetime_utc = $start->format( 'Y-m-d H:i:s' );
		$booking->end_datetime_utc   = $end->format( 'Y-m-d H:i:s' );
	}

	/**
	 * Saves a model; whether the row now says what we wished.
	 *
	 * LatePoint's save() fires hooks after it has written, and reports (4.9.91, 5.x alike) a listener's exception as if
	 * nothing had been saved: the row decides.
	 *
	 * @param object $booking An OsBookingModel with the changes.
	 * @param array  $wished  Columns to find in the row.
	 * @throws Throwable When saving broke off before the row was written.
	 */
	private static function save( $booking, array $wished ): bool {
		$failure = null;
		// LatePoint 4.9.91 reads both, unasked whether they are there; LateSync names no page it comes from.
		foreach ( array( 'HTTP_REFERER', 'REMOTE_ADDR' ) as $name ) {
			if ( ! isset( $_SERVER[ $name ] ) ) {
				$_SERVER[ $name ] = '';
			}
		}
		try {
			// Without validation, as LatePoint changes a status: a row another program made may lack what its forms ask for.
			$saved = (bool) $booking->save( false, true );
		} catch ( Throwable $thrown ) {
			$saved   = false;
			$failure = $thrown;
		}
		if ( $saved ) {
			return true;
		}
		$row = LateSync_Bridge_Booking_Row::read( (int) $booking->id );
		if ( null !== $row && LateSync_Bridge_Booking_Row::matches( array_keys( $wished ), $wished, $row ) ) {
			LateSync_Bridge_Troubles::note( 'listener', null === $failure ? 'save' : get_class( $failure ) );
			return true;
		}
		if ( null !== $failure ) {
			throw $failure;
		}
		return false;
	}

	/**
	 * Tells LatePoint and its add-ons. What one of them throws does not undo the change.
	 *
	 * @param string[] $actions Names.
	 * @param object   $booking The OsBookingModel as saved.
	 * @param object   $before  The same before the change.
	 */
	private static function tell( array $actions, $booking, $before ): void {
		foreach ( $actions as $action ) {
			try {
				// The third argument says on whose behalf, as LatePoint's own Google add-on does (latepoint.md §3.5).
				do_action( $action, $booking, $before, 'latesync' );
			} catch ( Throwable $failure ) {
				LateSync_Bridge_Troubles::note( 'listener', get_class( $failure ) );
			}
		}
	}

	/**
	 * It is as LateSync wished.
	 *
	 * @param array|null $row As stored now.
	 */
	private static function applied( ?array $row ): array {
		if ( null === $row ) {
			return self::refused( 'unknown', 404 );
		}
		return array(
			200,
			array(
				'v'       => 1,
				'result'  => 'applied',
				'booking' => LateSync_Bridge_Booking_Row::with_numbers( $row ),
			),
		);
	}

	/**
	 * It is not done, and will not be by asking again.
	 *
	 * @param string $reason A code of the contract.
	 * @param int    $status HTTP's.
	 */
	private static function refused( string $reason, int $status = 409 ): array {
		return array(
			$status,
			array(
				'v'      => 1,
				'result' => 'refused',
				'reason' => $reason,
			),
		);
	}

	/** LatePoint is switched off, or one we do not know. */
	private static function missing(): array {
		return array( 503, array( 'error' => 'latepoint_missing' ) );
	}

	/** Something broke; asking again may help. */
	public static function failed(): array {
		return array( 500, array( 'error' => 'failed' ) );
	}
}
