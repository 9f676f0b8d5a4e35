<?php
/**
 * From instants to LatePoint's wall-clock columns and back.
 */

use PHPUnit\Framework\TestCase;

final class WallClockTest extends TestCase {

	private static function utc( string $text ): DateTimeImmutable {
		return new DateTimeImmutable( $text, new DateTimeZone( 'UTC' ) );
	}

	private static function wall( string $starts_at, string $ends_at, string $zone ): array {
		return LateSync_Bridge_Wall_Clock::wall( self::utc( $starts_at ), self::utc( $ends_at ), new DateTimeZone( $zone ) );
	}

	private static function columns( string $start_date, int $start_time, string $end_date, int $end_time ): array {
		return array(
			'start_date' => $start_date,
			'start_time' => $start_time,
			'end_date'   => $end_date,
			'end_time'   => $end_time,
		);
	}

	/**
	 * Spans the columns can say: UTC start, UTC end, zone, columns, length by the clock.
	 */
	public static function spans(): array {
		return array(
			'New York in winter'            => array( '2026-12-01 16:00', '2026-12-01 17:00', 'America/New_York', self::columns( '2026-12-01', 660, '2026-12-01', 720 ), 60 ),
			'Berlin in summer'              => array( '2026-07-01 08:00', '2026-07-01 09:30', 'Europe/Berlin', self::columns( '2026-07-01', 600, '2026-07-01', 690 ), 90 ),
			'a fixed offset'                => array( '2026-12-01 04:30', '2026-12-01 05:30', '+05:30', self::columns( '2026-12-01', 600, '2026-12-01', 660 ), 60 ),
			'another day there'             => array( '2026-12-01 20:00', '2026-12-01 21:00', 'Asia/Kolkata', self::columns( '2026-12-02', 90, '2026-12-02', 150 ), 60 ),
			'seconds are dropped'           => array( '2026-12-01 16:00:59', '2026-12-01 17:00:59', 'UTC', self::columns( '2026-12-01', 960, '2026-12-01', 1020 ), 60 ),
			'ends at midnight'              => array( '2026-12-01 23:00', '2026-12-02 00:00', 'UTC', self::columns( '2026-12-01', 1380, '2026-12-02', 1440 ), 60 ),
			'starts at midnight'            => array( '2026-12-01 00:00', '2026-12-01 01:00', 'UTC', self::columns( '2026-12-01', 0, '2026-12-01', 60 ), 60 ),
			'a whole day'                   => array( '2026-12-01 00:00', '2026-12-02 00:00', 'UTC', self::columns( '2026-12-01', 0, '2026-12-02', 1440 ), 1440 ),
			'over midnight'                 => array( '2026-12-01 23:00', '2026-12-02 00:30', 'UTC', self::columns( '2026-12-01', 1380, '2026-12-02', 30 ), 90 ),
			'over midnight and a year'      => array( '2026-12-31 23:30', '2027-01-01 00:15', 'UTC', self::columns( '2026-12-31', 1410, '2027-01-01', 15 ), 45 ),
			'over the spring gap'           => array( '2027-03-28 00:30', '2027-03-28 01:30', 'Europe/Berlin', self::columns( '2027-03-28', 90, '2027-03-28', 210 ), 120 ),
			'the first of a repeated hour'  => array( '2026-10-25 00:00', '2026-10-25 00:30', 'Europe/Berlin', self::columns( '2026-10-25', 120, '2026-10-25', 150 ), 30 ),
			'after the repeated hour'       => array( '2026-10-25 02:00', '2026-10-25 03:00', 'Europe/Berlin', self::columns( '2026-10-25', 180, '2026-10-25', 240 ), 60 ),
			'over midnight into a long day' => array( '2026-10-24 21:00', '2026-10-24 23:00', 'Europe/Berlin', self::columns( '2026-10-24', 1380, '2026-10-25', 60 ), 120 ),
		);
	}

	/** @dataProvider spans */
	public function test_a_span_becomes_these_columns( string $starts_at, string $ends_at, string $zone, array $columns, int $length ): void {
		$this->assertSame( $columns, self::wall( $starts_at, $ends_at, $zone ) );
		$this->assertSame( $length, LateSync_Bridge_Wall_Clock::length( $columns ) );
	}

	/** @dataProvider spans */
	public function test_the_columns_mean_the_span_again( string $starts_at, string $ends_at, string $zone, array $columns ): void {
		$instants = LateSync_Bridge_Wall_Clock::instants( $columns, new DateTimeZone( $zone ) );
		$this->assertSame(
			array( substr( self::utc( $starts_at )->format( 'c' ), 0, 16 ), substr( self::utc( $ends_at )->format( 'c' ), 0, 16 ) ),
			array( substr( $instants[0]->format( 'c' ), 0, 16 ), substr( $instants[1]->format( 'c' ), 0, 16 ) )
		);
		$this->assertTrue( LateSync_Bridge_Wall_Clock::can_tell( $columns, self::utc( $starts_at ), self::utc( $ends_at ), new DateTimeZone( $zone ) ) );
	}

	/** Spans about which the columns would lie. */
	public static function untold(): array {
		return array(
			'the second of a repeated hour'      => array( '2026-10-25 01:00', '2026-10-25 01:30', 'Europe/Berlin' ),
			'an end in the second of it'         => array( '2026-10-24 23:30', '2026-10-25 01:30', 'Europe/Berlin' ),
			'by the clock an end at the start'   => array( '2026-10-25 00:30', '2026-10-25 01:30', 'Europe/Berlin' ),
			'by the clock an end before a start' => array( '2026-10-25 00:45', '2026-10-25 01:15', 'Europe/Berlin' ),
			'the same in New York'               => array( '2026-11-01 06:00', '2026-11-01 06:30', 'America/New_York' ),
		);
	}

	/** @dataProvider untold */
	public function test_a_span_the_wall_clock_cannot_tell_is_known( string $starts_at, string $ends_at, string $zone ): void {
		$wall = self::wall( $starts_at, $ends_at, $zone );
		$this->assertFalse( LateSync_Bridge_Wall_Clock::can_tell( $wall, self::utc( $starts_at ), self::utc( $ends_at ), new DateTimeZone( $zone ) ) );
	}

	public function test_a_day_that_is_longer_by_the_clock_is_seen(): void {
		// 24 hours across the spring gap: 25 by the clock, which LatePoint's columns would show as one (latepoint.md §2.3).
		$this->assertSame( 1500, LateSync_Bridge_Wall_Clock::length( self::wall( '2027-03-27 11:00', '2027-03-28 11:00', 'Europe/Berlin' ) ) );
	}

	/** Rows as the database gives them, against 23:00 to midnight of 1 December. */
	public static function rows(): array {
		$row = array(
			'start_date' => '2026-12-01',
			'start_time' => '1380',
			'end_date'   => '2026-12-02',
			'end_time'   => '1440',
		);
		return array(
			'LatePoint\'s own way'     => array( $row, true ),
			'an administrator\'s way'  => array( array( 'end_time' => '0' ) + $row, true ),
			'an hour later'            => array( array( 'start_time' => '1320' ) + $row, false ),
			'another day'              => array( array( 'start_date' => '2026-12-02' ) + $row, false ),
			'another end'              => array( array( 'end_time' => '30' ) + $row, false ),
			'an end date left behind'  => array( array( 'end_date' => '2026-12-01' ) + $row, false ),
			'no end'                   => array( array( 'end_time' => null ) + $row, false ),
		);
	}

	/** @dataProvider rows */
	public function test_a_row_that_says_the_same_is_known( array $row, bool $same ): void {
		$wall = self::columns( '2026-12-01', 1380, '2026-12-02', 1440 );
		$this->assertSame( $same, LateSync_Bridge_Wall_Clock::is_same( $wall, $row ) );
	}

	public function test_an_instant_is_read(): void {
		$instant = LateSync_Bridge_Wall_Clock::instant( '2026-12-01T16:00:00Z' );
		$this->assertNotNull( $instant );
		$this->assertSame( '2026-12-01T16:00:00+00:00', $instant->format( 'c' ) );
	}

	/** What is no instant. */
	public static function no_instants(): array {
		return array_map(
			static function ( $text ): array {
				return array( $text );
			},
			array(
				null, 5, true, array(), '', 'tomorrow', '2026-12-01', '2026-12-01T16:00:00', '2026-12-01T16:00:00+00:00', '2026-12-01 16:00:00Z',
				'2026-02-31T16:00:00Z', '2026-13-01T16:00:00Z', '2026-12-01T24:00:00Z', '2026-12-01T16:60:00Z', "2026-12-01T16:00:00Z\n",
				"2026-12-01T16:00:00Z' OR 1=1", '99999-12-01T16:00:00Z',
			)
		);
	}

	/**
	 * @dataProvider no_instants
	 * @param mixed $text What came.
	 */
	public function test_nothing_else_is_an_instant( $text ): void {
		$this->assertNull( LateSync_Bridge_Wall_Clock::instant( $text ) );
	}
}
