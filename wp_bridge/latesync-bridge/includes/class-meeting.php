<?php
/**
 * Keeps a booking's link to a video meeting, and puts it where LatePoint's texts ask for it.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * In the booking's meta, under the name LatePoint's own Google add-on uses (latepoint.md §3.5), through LatePoint's own class.
 *
 * Nothing of the booking itself is written, so nobody is told of anything.
 */
final class LateSync_Bridge_Meeting {

	const URL      = 'latesync_meeting_url';
	const MEET_ID  = 'google_calendar_event_meet_id';
	const VARIABLE = '{{google_meet_url}}';

	/** What a link may be; a longer one, or one to elsewhere, is none of ours. */
	const PATTERN = '#^https://meet\.google\.com/([a-z0-9-]{3,64})\z#';

	/** Hooks. After LatePoint's own add-on, which replaces the variable where it is switched on. */
	public static function register(): void {
		add_filter( 'latepoint_replace_booking_vars', array( __CLASS__, 'fill_in' ), 20, 2 );
	}

	/**
	 * Keeps a link; the same once more changes nothing. Answers as Write_Back does.
	 *
	 * @param int    $id  LatePoint's number of the booking.
	 * @param string $url The link; is_link() has said yes.
	 */
	public static function keep( int $id, string $url ): array {
		if ( ! LateSync_Bridge_Latepoint::is_active() ) {
			return array( 503, array( 'error' => 'latepoint_missing' ) );
		}
		if ( null === LateSync_Bridge_Booking_Row::read( $id ) ) {
			return self::refused( 'unknown', 404 );
		}
		$booking = new OsBookingModel( $id );
		if ( empty( $booking->id ) || ! is_callable( array( $booking, 'save_meta_by_key' ) ) ) {
			return self::refused( 'not_saved' );
		}
		preg_match( self::PATTERN, $url, $found );
		foreach ( array( self::MEET_ID => $found[1], self::URL => $url ) as $key => $value ) {
			if ( self::read( $booking, $key ) !== $value ) {
				$booking->save_meta_by_key( $key, $value );
			}
			if ( self::read( $booking, $key ) !== $value ) {
				return LateSync_Bridge_Write_Back::failed();
			}
		}
		return array(
			200,
			array(
				'v'      => 1,
				'result' => 'applied',
			),
		);
	}

	/**
	 * Whether a value is a link this class keeps.
	 *
	 * @param mixed $url Anything.
	 */
	public static function is_link( $url ): bool {
		return is_string( $url ) && 1 === preg_match( self::PATTERN, $url );
	}

	/**
	 * Fills LatePoint's variable for the link in its mails and pages; empty while there is none.
	 *
	 * @param mixed $text    A text of LatePoint's.
	 * @param mixed $booking The OsBookingModel it is about.
	 * @return mixed
	 */
	public static function fill_in( $text, $booking = null ) {
		if ( ! is_string( $text ) || false === strpos( $text, self::VARIABLE ) ) {
			return $text;
		}
		try {
			$url = empty( $booking->id ) ? '' : self::read( $booking, self::URL );
		} catch ( Throwable $failure ) {
			LateSync_Bridge_Troubles::note( 'meeting', get_class( $failure ) );
			return $text;
		}
		return str_replace( self::VARIABLE, self::is_link( $url ) ? $url : '', $text );
	}

	/**
	 * A meta value of a booking, '' without one.
	 *
	 * @param object $booking An OsBookingModel.
	 * @param string $key     Its name.
	 */
	private static function read( $booking, string $key ): string {
		$value = is_callable( array( $booking, 'get_meta_by_key' ) ) ? $booking->get_meta_by_key( $key, '' ) : '';
		return is_scalar( $value ) ? (string) $value : '';
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
}
