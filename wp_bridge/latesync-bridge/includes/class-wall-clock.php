<?php
/**
 * Between instants and LatePoint's wall-clock columns.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Pure. A wall is array( 'start_date' => 'Y-m-d', 'start_time' => minutes, 'end_date', 'end_time' ): the four columns that
 * say when a booking is, in the site's zone (latepoint.md §2.3).
 */
final class LateSync_Bridge_Wall_Clock {

	const DAY_MINUTES = 1440;

	/**
	 * An instant as LateSync writes it, "2026-12-01T16:00:00Z"; null for anything else.
	 *
	 * @param mixed $text As it came.
	 */
	public static function instant( $text ): ?DateTimeImmutable {
		if ( ! is_string( $text ) || ! preg_match( '/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\z/', $text ) ) {
			return null;
		}
		$instant = DateTimeImmutable::createFromFormat( '!Y-m-d\TH:i:s\Z', $text, new DateTimeZone( 'UTC' ) );
		// 31 February would have become 3 March.
		return $instant && $instant->format( 'Y-m-d\TH:i:s\Z' ) === $text ? $instant : null;
	}

	/**
	 * The wall for a span; seconds are dropped.
	 *
	 * An end at midnight is written as LatePoint does in its ordinary path, minute 1440 and the next day's date: its
	 * availability would take minute 0 for the morning (latepoint.md §2.3).
	 *
	 * @param DateTimeImmutable $starts_at Any zone.
	 * @param DateTimeImmutable $ends_at   Any zone.
	 * @param DateTimeZone      $zone      The site's.
	 */
	public static function wall( DateTimeImmutable $starts_at, DateTimeImmutable $ends_at, DateTimeZone $zone ): array {
		$start    = $starts_at->setTimezone( $zone );
		$end      = $ends_at->setTimezone( $zone );
		$end_time = self::minute( $end );
		return array(
			'start_date' => $start->format( 'Y-m-d' ),
			'start_time' => self::minute( $start ),
			'end_date'   => $end->format( 'Y-m-d' ),
			'end_time'   => 0 === $end_time ? self::DAY_MINUTES : $end_time,
		);
	}

	/**
	 * How long a wall is by the clock on it, in minutes, as LatePoint reckons. Zero or less is no booking.
	 *
	 * @param array $wall From wall().
	 */
	public static function length( array $wall ): int {
		$utc      = new DateTimeZone( 'UTC' );
		$from     = new DateTimeImmutable( $wall['start_date'], $utc );
		$days     = (int) $from->diff( new DateTimeImmutable( $wall['end_date'], $utc ) )->format( '%r%a' );
		$end_time = $wall['end_time'] % self::DAY_MINUTES;
		return self::DAY_MINUTES * $days + $end_time - $wall['start_time'];
	}

	/**
	 * The instants a wall means, array( start, end ) in UTC.
	 *
	 * @param array        $wall From wall().
	 * @param DateTimeZone $zone The site's.
	 */
	public static function instants( array $wall, DateTimeZone $zone ): array {
		return array(
			self::at( $wall['start_date'], $wall['start_time'], $zone ),
			self::at( $wall['end_date'], $wall['end_time'] % self::DAY_MINUTES, $zone ),
		);
	}

	/**
	 * Whether the columns can say this span: not so in the hour that a clock change repeats, of which a wall clock knows
	 * only the first, and not a span that ends, by the clock, before it begins.
	 *
	 * @param array             $wall      From wall().
	 * @param DateTimeImmutable $starts_at As given to wall().
	 * @param DateTimeImmutable $ends_at   As given to wall().
	 * @param DateTimeZone      $zone      The site's.
	 */
	public static function can_tell( array $wall, DateTimeImmutable $starts_at, DateTimeImmutable $ends_at, DateTimeZone $zone ): bool {
		list( $start, $end ) = self::instants( $wall, $zone );
		return self::length( $wall ) > 0
			&& intdiv( $start->getTimestamp(), 60 ) === intdiv( $starts_at->getTimestamp(), 60 )
			&& intdiv( $end->getTimestamp(), 60 ) === intdiv( $ends_at->getTimestamp(), 60 );
	}

	/**
	 * Whether a row of LatePoint's says the same as a wall. Minute 0 of a day is minute 1440 of the day before: people's
	 * forms write the one, LatePoint itself the other, with the same date (latepoint.md §2.3).
	 *
	 * @param array $wall From wall().
	 * @param array $row  Columns as stored.
	 */
	public static function is_same( array $wall, array $row ): bool {
		foreach ( array( 'start_date', 'start_time', 'end_date', 'end_time' ) as $column ) {
			if ( ! isset( $row[ $column ] ) ) {
				return false;
			}
		}
		return $wall['start_date'] === $row['start_date']
			&& $wall['end_date'] === $row['end_date']
			&& $wall['start_time'] === (int) $row['start_time']
			&& $wall['end_time'] % self::DAY_MINUTES === (int) $row['end_time'] % self::DAY_MINUTES;
	}

	/**
	 * A wall-clock moment in UTC: of the hour that autumn repeats the first, as LateSync reads it (latepoint-live.md §4b).
	 * In the hour that spring skips PHP goes on by the hour, as LatePoint does.
	 *
	 * @param string       $date   Y-m-d.
	 * @param int          $minute Of the day, below 1440.
	 * @param DateTimeZone $zone   The site's.
	 */
	private static function at( string $date, int $minute, DateTimeZone $zone ): DateTimeImmutable {
		$text  = sprintf( '%s %02d:%02d:00', $date, intdiv( $minute, 60 ), $minute % 60 );
		$utc   = new DateTimeZone( 'UTC' );
		$clock = new DateTimeImmutable( $text, $utc );
		// PHP takes the second in some zones and the first in others; with the offset of the day before it is the first.
		$first = $clock->modify( -$zone->getOffset( $clock->modify( '-1 day' ) ) . ' seconds' );
		if ( $first->setTimezone( $zone )->format( 'Y-m-d H:i:s' ) === $text ) {
			return $first;
		}
		return ( new DateTimeImmutable( $text, $zone ) )->setTimezone( $utc );
	}

	/**
	 * Minutes since midnight, by the clock.
	 *
	 * @param DateTimeImmutable $moment In the site's zone.
	 */
	private static function minute( DateTimeImmutable $moment ): int {
		return 60 * (int) $moment->format( 'G' ) + (int) $moment->format( 'i' );
	}
}
