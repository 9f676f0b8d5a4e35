<?php
/**
 * From instants to local days: what closes on the booking form.
 */

use PHPUnit\Framework\TestCase;

final class DayMinutesTest extends TestCase {

	/** Seconds of a time in UTC. */
	private static function utc( string $text ): int {
		return ( new DateTimeImmutable( $text, new DateTimeZone( 'UTC' ) ) )->getTimestamp();
	}

	/** Consecutive days. */
	private static function days( string $first, int $count ): array {
		$days = array();
		for ( $number = 0; $number < $count; $number++ ) {
			$days[] = gmdate( 'Y-m-d', self::utc( $first ) + 86400 * $number );
		}
		return $days;
	}

	/** What an interval covers, days around it being looked at: 'Y-m-d' => 'start-end'. */
	private static function covered( string $zone, string $start, string $end, array $days ): array {
		$minutes = new LateSync_Bridge_Day_Minutes( new DateTimeZone( $zone ), $days );
		$covered = array();
		foreach ( $minutes->covered( self::utc( $start ), self::utc( $end ) ) as list( $day, $from, $to ) ) {
			self::assertIsInt( $from );
			self::assertIsInt( $to );
			self::assertArrayNotHasKey( $day, $covered );
			$covered[ $day ] = "$from-$to";
		}
		return $covered;
	}

	public function ordinary(): array {
		return array(
			'winter in New York'       => array( 'America/New_York', '2026-12-01 15:30', '2026-12-01 17:00', array( '2026-12-01' => '630-720' ) ),
			'summer in Berlin'         => array( 'Europe/Berlin', '2026-07-01 08:15', '2026-07-01 09:00', array( '2026-07-01' => '615-660' ) ),
			'half hours of Kolkata'    => array( 'Asia/Kolkata', '2026-12-01 18:00', '2026-12-01 19:00', array( '2026-12-01' => '1410-1440', '2026-12-02' => '0-30' ) ),
			'gmt_offset 5.5'           => array( '+05:30', '2026-12-01 04:30', '2026-12-01 05:30', array( '2026-12-01' => '600-660' ) ),
			'gmt_offset -3.5'          => array( '-03:30', '2026-12-01 13:30', '2026-12-01 14:30', array( '2026-12-01' => '600-660' ) ),
			'gmt_offset -0.5'          => array( '-00:30', '2026-12-01 00:00', '2026-12-01 01:00', array( '2026-11-30' => '1410-1440', '2026-12-01' => '0-30' ) ),
			'begins at midnight'       => array( 'America/New_York', '2026-12-01 05:00', '2026-12-01 06:00', array( '2026-12-01' => '0-60' ) ),
			'ends at midnight'         => array( 'America/New_York', '2026-12-02 04:00', '2026-12-02 05:00', array( '2026-12-01' => '1380-1440' ) ),
			'all day'                  => array( 'America/New_York', '2026-12-01 05:00', '2026-12-02 05:00', array( '2026-12-01' => '0-1440' ) ),
			'three days'               => array( 'Europe/Berlin', '2026-11-30 20:00', '2026-12-02 09:00', array( '2026-11-30' => '1260-1440', '2026-12-01' => '0-1440', '2026-12-02' => '0-600' ) ),
			'seconds round outwards'   => array( 'UTC', '2026-12-01 10:00:59', '2026-12-01 11:00:01', array( '2026-12-01' => '600-661' ) ),
			'one second'               => array( 'UTC', '2026-12-01 10:00:30', '2026-12-01 10:00:31', array( '2026-12-01' => '600-601' ) ),
			'the last second of a day' => array( 'UTC', '2026-12-01 23:59:59', '2026-12-02 00:00:01', array( '2026-12-01' => '1439-1440', '2026-12-02' => '0-1' ) ),
			'no length'                => array( 'UTC', '2026-12-01 10:00', '2026-12-01 10:00', array() ),
			'ends before it begins'    => array( 'UTC', '2026-12-01 10:00', '2026-12-01 09:00', array() ),
			'before the days'          => array( 'UTC', '2026-11-20 10:00', '2026-11-21 09:00', array() ),
			'after the days'           => array( 'UTC', '2026-12-20 10:00', '2026-12-21 09:00', array() ),
		);
	}

	/** @dataProvider ordinary */
	public function test_busy_time_falls_on_the_sites_days( string $zone, string $start, string $end, array $expected ): void {
		$around = array_merge( self::days( '2026-06-30', 4 ), self::days( '2026-11-29', 7 ) );
		$this->assertSame( $expected, self::covered( $zone, $start, $end, $around ) );
	}

	public function clock_changes(): array {
		return array(
			'New York, spring, across the gap'      => array( 'America/New_York', '2027-03-14 06:30', '2027-03-14 07:30', array( '2027-03-14' => '90-210' ) ),
			'New York, spring, right after the gap' => array( 'America/New_York', '2027-03-14 07:00', '2027-03-14 08:00', array( '2027-03-14' => '180-240' ) ),
			'New York, spring, later that day'      => array( 'America/New_York', '2027-03-14 14:00', '2027-03-14 15:00', array( '2027-03-14' => '600-660' ) ),
			'New York, spring, all 23 hours'        => array( 'America/New_York', '2027-03-14 05:00', '2027-03-15 04:00', array( '2027-03-14' => '0-1440' ) ),
			'New York, autumn, first 1:30 to second 1:15' => array( 'America/New_York', '2027-11-07 05:30', '2027-11-07 06:15', array( '2027-11-07' => '60-120' ) ),
			'New York, autumn, in the second hour'  => array( 'America/New_York', '2027-11-07 06:10', '2027-11-07 06:20', array( '2027-11-07' => '70-80' ) ),
			'New York, autumn, all 25 hours'        => array( 'America/New_York', '2027-11-07 04:00', '2027-11-08 05:00', array( '2027-11-07' => '0-1440' ) ),
			'New York, autumn, 24 hours after midnight leave the last one free' => array( 'America/New_York', '2027-11-07 04:00', '2027-11-08 04:00', array( '2027-11-07' => '0-1380' ) ),
			'Berlin, spring, 10:00'                 => array( 'Europe/Berlin', '2027-03-28 08:00', '2027-03-28 09:00', array( '2027-03-28' => '600-660' ) ),
			'Berlin, autumn, 10:00'                 => array( 'Europe/Berlin', '2027-10-31 09:00', '2027-10-31 10:00', array( '2027-10-31' => '600-660' ) ),
			'Lord Howe, half an hour skipped'       => array( 'Australia/Lord_Howe', '2027-10-02 15:15', '2027-10-02 15:45', array( '2027-10-03' => '105-165' ) ),
			'Beirut, midnight skipped, all 23 hours' => array( 'Asia/Beirut', '2027-03-27 22:00', '2027-03-28 21:00', array( '2027-03-28' => '0-1440' ) ),
			'Havana, midnight doubled, all 25 hours' => array( 'America/Havana', '2027-11-07 04:00', '2027-11-08 05:00', array( '2027-11-07' => '0-1440' ) ),
		);
	}

	/** @dataProvider clock_changes */
	public function test_days_with_a_clock_change_are_right( string $zone, string $start, string $end, array $expected ): void {
		$day = (string) key( $expected );
		$this->assertSame( $expected, self::covered( $zone, $start, $end, array( $day ) ), 'looked at alone' );
		$around = self::days( gmdate( 'Y-m-d', self::utc( $day ) - 3 * 86400 ), 7 );
		$this->assertSame( $expected, self::covered( $zone, $start, $end, $around ), 'looked at among others' );
	}

	public function test_years_of_busy_time_close_just_the_days_shown(): void {
		$covered = self::covered( 'Europe/Berlin', '1970-01-01', '2037-12-31', self::days( '2027-10-01', 31 ) );
		$this->assertSame( array_fill_keys( self::days( '2027-10-01', 31 ), '0-1440' ), $covered );
	}

	public function test_days_that_were_not_asked_for_are_not_filled(): void {
		$days = array( '2026-12-03', '2026-12-01' );
		$this->assertSame(
			array( '2026-12-01' => '0-1440', '2026-12-03' => '0-1440' ),
			self::covered( 'UTC', '2026-11-01', '2026-12-24', $days )
		);
	}

	public function test_what_is_no_date_is_left_out(): void {
		$days = array( 'today', '2026-02-30', '2026-12-1', 20261201, '', '2026-12-01' );
		$this->assertSame( array( '2026-12-01' => '0-1440' ), self::covered( 'UTC', '2020-01-01', '2030-01-01', $days ) );
	}

	public function test_no_days_cover_nothing(): void {
		$minutes = new LateSync_Bridge_Day_Minutes( new DateTimeZone( 'Europe/Berlin' ), array() );
		$this->assertSame( $minutes->from(), $minutes->to() );
		$this->assertSame( array(), $minutes->covered( 0, PHP_INT_MAX ) );
	}

	public function test_the_range_runs_from_local_midnight_to_local_midnight(): void {
		$minutes = new LateSync_Bridge_Day_Minutes( new DateTimeZone( 'America/New_York' ), array( '2027-03-15', '2027-03-14' ) );
		$this->assertSame( self::utc( '2027-03-14 05:00' ), $minutes->from() );
		$this->assertSame( self::utc( '2027-03-16 04:00' ), $minutes->to() );
	}

	public function days_around_changes(): array {
		$cases = array(
			array( 'America/New_York', '2027-03-14' ),
			array( 'America/New_York', '2027-11-07' ),
			array( 'Europe/Berlin', '2027-03-28' ),
			array( 'Europe/Berlin', '2027-10-31' ),
			array( 'Australia/Lord_Howe', '2027-04-04' ),
			array( 'Australia/Lord_Howe', '2027-10-03' ),
			array( 'Asia/Beirut', '2027-03-28' ),
			array( 'Asia/Beirut', '2027-10-31' ),
			array( 'America/Havana', '2027-03-14' ),
			array( 'America/Havana', '2027-11-07' ),
			array( 'America/Nuuk', '2027-03-27' ),
			array( 'America/Nuuk', '2027-10-30' ),
			array( 'America/Sao_Paulo', '2018-02-18' ),
			array( 'America/Sao_Paulo', '2018-11-04' ),
			array( 'America/Santiago', '2027-04-04' ),
			array( 'Pacific/Apia', '2011-12-30' ),
			array( 'Asia/Kolkata', '2027-03-28' ),
			array( 'UTC', '2027-03-28' ),
			array( '+05:30', '2027-03-28' ),
			array( '-03:30', '2027-03-28' ),
			array( '-00:30', '2027-03-28' ),
		);
		$named = array();
		foreach ( $cases as $case ) {
			$named[ implode( ' ', $case ) ] = $case;
		}
		return $named;
	}

	/**
	 * Every minute is looked up with a DateTime of its own; the integers must say the same.
	 *
	 * @dataProvider days_around_changes
	 */
	public function test_integers_agree_with_asking_the_clock_each_minute( string $zone_name, string $day ): void {
		mt_srand( crc32( $zone_name . $day ) );
		$zone  = new DateTimeZone( $zone_name );
		$clock = self::clock_of_each_minute( $zone, $day );
		for ( $round = 0; $round < 300; $round++ ) {
			$shown   = self::some_days( $day );
			$minutes = new LateSync_Bridge_Day_Minutes( $zone, $shown );
			$start   = self::utc( $day ) + mt_rand( -2 * 86400, 2 * 86400 );
			$start  -= 0 === mt_rand( 0, 2 ) ? $start % 1800 : 0;
			$end     = $start + mt_rand( 1, 0 === mt_rand( 0, 1 ) ? 3 * 3600 : 60 * 3600 );
			$end    -= 0 === mt_rand( 0, 2 ) ? ( $end - $start - 1 ) % 1800 : 0;
			$this->assertSame(
				self::covered_by_the_clock( $clock, $start, $end, $shown ),
				$minutes->covered( $start, $end ),
				gmdate( 'c', $start ) . ' to ' . gmdate( 'c', $end ) . ' on ' . implode( ' ', $shown )
			);
		}
	}

	/** One to seven days around a day, some left out. */
	private static function some_days( string $day ): array {
		$shown = array();
		foreach ( self::days( gmdate( 'Y-m-d', self::utc( $day ) - 3 * 86400 ), 7 ) as $near ) {
			if ( $near === $day || 0 !== mt_rand( 0, 2 ) ) {
				$shown[] = $near;
			}
		}
		return $shown;
	}

	/** UTC minute => array( local day, minute of it ), for a week around a day. */
	private static function clock_of_each_minute( DateTimeZone $zone, string $day ): array {
		$clock = array();
		$first = intdiv( self::utc( $day ), 60 ) - 6 * 1440;
		for ( $minute = $first; $minute < $first + 13 * 1440; $minute++ ) {
			$local            = ( new DateTimeImmutable( '@' . 60 * $minute ) )->setTimezone( $zone );
			$clock[ $minute ] = array( $local->format( 'Y-m-d' ), 60 * (int) $local->format( 'G' ) + (int) $local->format( 'i' ) );
		}
		return $clock;
	}

	/** What the clock shows between two instants, from the earliest to the latest minute of each day shown. */
	private static function covered_by_the_clock( array $clock, int $start, int $end, array $shown ): array {
		$seen = array();
		for ( $minute = intdiv( $start, 60 ); 60 * $minute < $end; $minute++ ) {
			list( $day, $of_day )    = $clock[ $minute ];
			$seen[ $day ][ $of_day ] = true;
		}
		$exists = array();
		foreach ( $clock as list( $day, $of_day ) ) {
			$exists[ $day ][ $of_day ] = true;
		}
		$covered = array();
		ksort( $seen );
		foreach ( $seen as $day => $of_day ) {
			if ( in_array( $day, $shown, true ) ) {
				$from = min( array_keys( $of_day ) );
				$to   = max( array_keys( $of_day ) ) + 1;
				// Minutes that a clock change takes away at a day's edge count as covered with their neighbour.
				$from      = min( array_keys( $exists[ $day ] ) ) === $from ? 0 : $from;
				$to        = max( array_keys( $exists[ $day ] ) ) + 1 === $to ? 1440 : $to;
				$covered[] = array( $day, $from, $to );
			}
		}
		return $covered;
	}
}
