<?php
/**
 * Shows staff, in LatePoint's own calendars, when an agent is busy elsewhere.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Neutral blocks without titles in the day and week views and in the dashboard's timeline (latepoint.md §3.4).
 *
 * LatePoint gives a positioned box that stands for the working hours; a block takes its share of it in percent.
 */
class LateSync_Bridge_Staff_Calendar {

	// The week view asks day by day; one query around the first day serves them all.
	const DAYS_BEFORE = 7;
	const DAYS_AFTER  = 7;

	/**
	 * Spans this request has read: agent id => 'Y-m-d' => list of array( start minute, end minute ).
	 *
	 * @var array[]
	 */
	private static $spans = array();

	/**
	 * Adds the hooks.
	 */
	public static function register(): void {
		add_action( 'latepoint_calendar_daily_timeline', array( __CLASS__, 'print_down' ), 10, 2 );
		add_action( 'latepoint_appointments_timeline', array( __CLASS__, 'print_across' ), 10, 2 );
		add_action( 'admin_enqueue_scripts', array( __CLASS__, 'enqueue_style' ) );
	}

	/**
	 * The look of the blocks, on LatePoint's pages only.
	 *
	 * @param mixed $page WordPress' name of the admin page.
	 */
	public static function enqueue_style( $page = '' ): void {
		if ( is_string( $page ) && false !== strpos( $page, 'latepoint' ) ) {
			wp_enqueue_style(
				'latesync-bridge-staff-calendar',
				plugins_url( 'assets/staff-calendar.css', LATESYNC_BRIDGE_FILE ),
				array(),
				LATESYNC_BRIDGE_VERSION
			);
		}
	}

	/**
	 * Prints the blocks of a day and agent from top to bottom.
	 *
	 * @param mixed $date DateTime of the day, in the site's zone.
	 * @param mixed $args agent_id, work_start_minutes, work_end_minutes, work_total_minutes.
	 */
	public static function print_down( $date, $args = array() ): void {
		self::print_blocks( $date, $args, array( 'top', 'height' ) );
	}

	/**
	 * Prints them from left to right.
	 *
	 * @param mixed $date As print_down().
	 * @param mixed $args As print_down().
	 */
	public static function print_across( $date, $args = array() ): void {
		self::print_blocks( $date, $args, array( 'left', 'width' ) );
	}

	/**
	 * Prints blocks; nothing when anything is not as expected.
	 *
	 * @param mixed    $date  As print_down().
	 * @param mixed    $args  As print_down().
	 * @param string[] $sides CSS properties of a block's begin and length.
	 */
	private static function print_blocks( $date, $args, array $sides ): void {
		try {
			$day      = $date instanceof DateTimeInterface ? $date->format( 'Y-m-d' ) : substr( (string) $date, 0, 10 );
			$args     = is_array( $args ) ? $args : array();
			$agent_id = (int) ( $args['agent_id'] ?? 0 );
			$start    = (int) ( $args['work_start_minutes'] ?? 0 );
			$total    = (int) ( $args['work_end_minutes'] ?? 0 ) - $start;
			if ( $agent_id <= 0 || $total <= 0 ) {
				return;
			}
			foreach ( self::spans_of( $agent_id, $day ) as $span ) {
				self::print_block( $span, $start, $total, $sides );
			}
		} catch ( Throwable $failure ) {
			LateSync_Bridge_Troubles::note( 'staff_calendar', get_class( $failure ) );
		}
	}

	/**
	 * Prints one block, cut to the hours shown.
	 *
	 * @param int[]    $span  Start and end minute of the day.
	 * @param int      $start First minute shown.
	 * @param int      $total How many are shown.
	 * @param string[] $sides As print_blocks().
	 */
	private static function print_block( array $span, int $start, int $total, array $sides ): void {
		$from = max( 0, $span[0] - $start );
		$to   = min( $total, $span[1] - $start );
		if ( $from >= $to ) {
			return;
		}
		printf(
			'<div class="latesync-busy latesync-busy-%1$s" style="%1$s: %2$s%%; %3$s: %4$s%%;"><span class="latesync-busy-text">%5$s <span class="latesync-busy-times">%6$s</span></span></div>',
			esc_attr( $sides[0] ),
			esc_attr( self::percent( $from, $total ) ),
			esc_attr( $sides[1] ),
			esc_attr( self::percent( $to - $from, $total ) ),
			esc_html__( 'Busy in the agent\'s calendar', 'latesync-bridge' ),
			esc_html( self::words( $span ) )
		);
	}

	/**
	 * From when to when, for people.
	 *
	 * @param int[] $span Start and end minute of the day.
	 */
	private static function words( array $span ): string {
		if ( 0 === $span[0] && 1440 === $span[1] ) {
			return __( 'all day', 'latesync-bridge' );
		}
		/* translators: 1: start time, 2: end time. */
		return sprintf( __( '%1$s – %2$s', 'latesync-bridge' ), self::clock( $span[0] ), self::clock( $span[1] ) );
	}

	/**
	 * A share in percent with a decimal point, whatever the locale.
	 *
	 * @param int $part  Of the whole.
	 * @param int $whole Above 0.
	 */
	private static function percent( int $part, int $whole ): string {
		return number_format( 100 * $part / $whole, 3, '.', '' );
	}

	/**
	 * A minute of the day in the site's time format.
	 *
	 * @param int $minute 0 to 1440.
	 */
	private static function clock( int $minute ): string {
		$format = (string) get_option( 'time_format', 'H:i' );
		return (string) wp_date( '' === $format ? 'H:i' : $format, 60 * $minute, new DateTimeZone( 'UTC' ) );
	}

	/**
	 * When an agent is busy on a day, overlapping times joined.
	 *
	 * @param int    $agent_id Above 0.
	 * @param string $day      'Y-m-d'.
	 * @return array[] array( start minute, end minute ) each, in order.
	 */
	private static function spans_of( int $agent_id, string $day ): array {
		$key = get_current_blog_id() . ' ' . $agent_id;
		if ( ! isset( self::$spans[ $key ][ $day ] ) ) {
			self::$spans[ $key ] = ( self::$spans[ $key ] ?? array() ) + self::read_around( $agent_id, $day );
		}
		return self::$spans[ $key ][ $day ] ?? array();
	}

	/**
	 * Reads the days around one.
	 *
	 * @param int    $agent_id Above 0.
	 * @param string $day      'Y-m-d'.
	 * @return array[] 'Y-m-d' => as spans_of(), for each of them.
	 */
	private static function read_around( int $agent_id, string $day ): array {
		$days  = array();
		$first = new DateTimeImmutable( $day, new DateTimeZone( 'UTC' ) );
		for ( $number = -self::DAYS_BEFORE; $number <= self::DAYS_AFTER; $number++ ) {
			$days[ $first->modify( sprintf( '%+d days', $number ) )->format( 'Y-m-d' ) ] = array();
		}
		$minutes = new LateSync_Bridge_Day_Minutes( wp_timezone(), array_keys( $days ) );
		$rows    = LateSync_Bridge_Busy_Time::read( array( $agent_id ), $minutes->from(), $minutes->to() );
		foreach ( null === $rows ? array() : $rows as list( , $start, $end ) ) {
			foreach ( $minutes->covered( $start, $end ) as list( $covered, $begin, $finish ) ) {
				$days[ $covered ][] = array( $begin, $finish );
			}
		}
		return array_map( array( __CLASS__, 'joined' ), $days );
	}

	/**
	 * Spans in order, those that touch or overlap made one.
	 *
	 * @param array[] $spans array( start, end ) each.
	 * @return array[]
	 */
	private static function joined( array $spans ): array {
		sort( $spans );
		$joined = array();
		foreach ( $spans as $span ) {
			$last = count( $joined ) - 1;
			if ( $last >= 0 && $span[0] <= $joined[ $last ][1] ) {
				$joined[ $last ][1] = max( $joined[ $last ][1], $span[1] );
			} else {
				$joined[] = $span;
			}
		}
		return $joined;
	}
}
