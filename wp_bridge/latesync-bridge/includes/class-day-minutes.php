<?php
/**
 * From instants to a site's days: which minutes of which local days an interval covers.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Pure: knows neither WordPress nor the clock. Instants are Unix seconds, days are 'Y-m-d' in the zone.
 *
 * LatePoint wants one span per local day in wall-clock minutes, 0 to 1440 (latepoint.md §3.2). The zone is asked once,
 * for the days' range; each interval then costs a few integer operations.
 */
class LateSync_Bridge_Day_Minutes {

	const DAY = 86400;

	/**
	 * The days asked for: number of the day since 1970-01-01 => 'Y-m-d'.
	 *
	 * @var string[]
	 */
	private $days = array();

	/**
	 * Stretches of one UTC offset, in order, that cover the range: array( from, to, offset ), seconds.
	 *
	 * @var array[]
	 */
	private $stretches = array();

	/**
	 * Where a clock change skips a day's midnight: day number => first second that exists, as the clock shows it.
	 *
	 * @var int[]
	 */
	private $day_begins = array();

	/**
	 * The same at the day's other end: day number => second after the last that exists.
	 *
	 * @var int[]
	 */
	private $day_ends = array();

	/**
	 * Whether the range has one offset and no skipped midnight.
	 *
	 * @var bool
	 */
	private $is_plain = false;

	/**
	 * First instant of the first day.
	 *
	 * @var int
	 */
	private $from = 0;

	/**
	 * First instant after the last day; equal to $from when there are no days.
	 *
	 * @var int
	 */
	private $to = 0;

	/**
	 * Prepares for some days of a zone.
	 *
	 * @param DateTimeZone $zone The site's.
	 * @param array        $days 'Y-m-d' strings, in any order; what is not a date is left out.
	 */
	public function __construct( DateTimeZone $zone, array $days ) {
		foreach ( $days as $day ) {
			$number = self::day_number( $day );
			if ( null !== $number ) {
				$this->days[ $number ] = $day;
			}
		}
		if ( array() === $this->days ) {
			return;
		}
		$numbers    = array_keys( $this->days );
		$this->from = self::begin_of( min( $numbers ), $zone );
		$this->to   = self::begin_of( max( $numbers ) + 1, $zone );
		$this->read_offsets( $zone );
	}

	/**
	 * First instant of the days.
	 */
	public function from(): int {
		return $this->from;
	}

	/**
	 * First instant after them; not greater than from() when there are none.
	 */
	public function to(): int {
		return $this->to;
	}

	/**
	 * What an interval covers of the days, as wall-clock minutes.
	 *
	 * The start is rounded down and the end up to whole minutes. An hour that a clock change doubles is covered from the
	 * earliest to the latest minute the clock shows meanwhile, so that nothing busy stays open. A day whose every
	 * instant is covered is 0 to 1440, also where its first hour is skipped.
	 *
	 * @param int $start Unix seconds.
	 * @param int $end   Unix seconds; not after $start covers nothing.
	 * @return array[] array( 'Y-m-d', start minute, end minute ), in order, at most one per day.
	 */
	public function covered( int $start, int $end ): array {
		$start = max( $start, $this->from );
		$end   = min( $end, $this->to );
		if ( $start >= $end ) {
			return array();
		}
		if ( $this->is_plain ) {
			// Nearly every row: within one day of a month without a clock change.
			$offset   = $this->stretches[0][2];
			$number   = self::number_at( $start + $offset );
			$midnight = $number * self::DAY - $offset;
			if ( $end <= $midnight + self::DAY ) {
				return isset( $this->days[ $number ] )
					? array( array( $this->days[ $number ], intdiv( $start - $midnight, 60 ), intdiv( $end - $midnight + 59, 60 ) ) )
					: array();
			}
		}
		return $this->in_minutes( $this->wall_spans( $start, $end ) );
	}

	/**
	 * What an interval covers of each day by the clock on the wall.
	 *
	 * @param int $start Unix seconds, within the range.
	 * @param int $end   Unix seconds, after $start, within the range.
	 * @return array[] Day number => array( second of the day, second of the day ).
	 */
	private function wall_spans( int $start, int $end ): array {
		$spans = array();
		foreach ( $this->stretches as list( $from, $to, $offset ) ) {
			if ( $start < $to && $end > $from ) {
				$this->add_wall( $spans, max( $start, $from ) + $offset, min( $end, $to ) + $offset );
			}
		}
		return $spans;
	}

	/**
	 * Seconds as minutes, and skipped midnights covered together with the minute beside them.
	 *
	 * @param array[] $spans As wall_spans().
	 * @return array[] As covered().
	 */
	private function in_minutes( array $spans ): array {
		$covered = array();
		foreach ( $spans as $number => list( $begin, $finish ) ) {
			if ( isset( $this->day_begins[ $number ] ) && $begin === $this->day_begins[ $number ] ) {
				$begin = 0;
			}
			if ( isset( $this->day_ends[ $number ] ) && $finish === $this->day_ends[ $number ] ) {
				$finish = self::DAY;
			}
			$covered[] = array( $this->days[ $number ], intdiv( $begin, 60 ), intdiv( $finish + 59, 60 ) );
		}
		return $covered;
	}

	/**
	 * Adds a stretch of wall-clock time to the days it touches.
	 *
	 * @param array[] $spans  Day number => array( second of the day, second of the day ), so far.
	 * @param int     $begin  Wall clock as if it were UTC, seconds.
	 * @param int     $finish The same, after $begin.
	 */
	private function add_wall( array &$spans, int $begin, int $finish ): void {
		$last = self::number_at( $finish - 1 );
		for ( $number = self::number_at( $begin ); $number <= $last; $number++ ) {
			if ( ! isset( $this->days[ $number ] ) ) {
				continue;
			}
			$midnight = $number * self::DAY;
			$first    = max( 0, $begin - $midnight );
			$after    = min( self::DAY, $finish - $midnight );
			if ( isset( $spans[ $number ] ) ) {
				$first = min( $first, $spans[ $number ][0] );
				$after = max( $after, $spans[ $number ][1] );
			}
			$spans[ $number ] = array( $first, $after );
		}
	}

	/**
	 * Splits the range where the zone's offset changes, and notes skipped midnights.
	 *
	 * @param DateTimeZone $zone The site's.
	 */
	private function read_offsets( DateTimeZone $zone ): void {
		$offset = self::offset_at( $this->from, $zone );
		$from   = $this->from;
		// False for a fixed offset ('+05:30'). The first entry is the range's begin, not a change.
		$changes = $zone->getTransitions( $this->from, $this->to );
		foreach ( is_array( $changes ) ? array_slice( $changes, 1 ) : array() as $change ) {
			$at = (int) $change['ts'];
			if ( $at <= $from || $at >= $this->to || $change['offset'] === $offset ) {
				continue;
			}
			$this->stretches[] = array( $from, $at, $offset );
			$this->note_gap( $at + $offset, $at + $change['offset'] );
			$from   = $at;
			$offset = $change['offset'];
		}
		$this->stretches[] = array( $from, $this->to, $offset );

		// A range that begins or ends with the change itself begins or ends where the clock jumps to or from.
		$before = self::offset_at( $this->from - 1, $zone );
		$this->note_gap( $this->from + $before, $this->from + self::offset_at( $this->from, $zone ) );
		$this->note_gap( $this->to + $offset, $this->to + self::offset_at( $this->to, $zone ) );
		$this->is_plain = 1 === count( $this->stretches ) && array() === $this->day_begins && array() === $this->day_ends;
	}

	/**
	 * Notes a skipped stretch of the clock that takes a day's begin or end away.
	 *
	 * @param int $vanishes Wall clock when the jump begins, seconds.
	 * @param int $resumes  Wall clock right after; a jump back skips nothing.
	 */
	private function note_gap( int $vanishes, int $resumes ): void {
		if ( $resumes <= $vanishes ) {
			return;
		}
		$day_before = self::number_at( $vanishes - 1 );
		$day_after  = self::number_at( $resumes );
		if ( $day_before === $day_after ) {
			return;
		}
		$this->day_ends[ $day_before ]  = $vanishes - $day_before * self::DAY;
		$this->day_begins[ $day_after ] = $resumes - $day_after * self::DAY;
	}

	/**
	 * The instant at which a local day begins: its midnight, or where a clock change skips that, the change.
	 *
	 * @param int          $number Day number.
	 * @param DateTimeZone $zone   The site's.
	 */
	private static function begin_of( int $number, DateTimeZone $zone ): int {
		$midnight = new DateTimeImmutable( gmdate( 'Y-m-d', $number * self::DAY ) . ' 00:00:00', $zone );
		return $midnight->getTimestamp();
	}

	/**
	 * The zone's offset at an instant, seconds east of UTC.
	 *
	 * @param int          $at   Unix seconds.
	 * @param DateTimeZone $zone The site's.
	 */
	private static function offset_at( int $at, DateTimeZone $zone ): int {
		return $zone->getOffset( new DateTimeImmutable( '@' . $at ) );
	}

	/**
	 * The number of the day in which a second lies, also before 1970.
	 *
	 * @param int $second Seconds.
	 */
	private static function number_at( int $second ): int {
		return (int) floor( $second / self::DAY );
	}

	/**
	 * A day's number, or null for what is not a date.
	 *
	 * @param mixed $day 'Y-m-d'.
	 */
	private static function day_number( $day ): ?int {
		if ( ! is_string( $day ) || 1 !== preg_match( '/\A(\d{4})-(\d{2})-(\d{2})\z/', $day, $part ) ) {
			return null;
		}
		if ( ! checkdate( (int) $part[2], (int) $part[3], (int) $part[1] ) ) {
			return null;
		}
		return intdiv( gmmktime( 0, 0, 0, (int) $part[2], (int) $part[3], (int) $part[1] ), self::DAY );
	}
}
