<?php
/**
 * Which bookings may still be moved, and when two readings of a row are the same.
 */

use PHPUnit\Framework\TestCase;

final class BookingRowTest extends TestCase {

	/**
	 * @dataProvider statuses
	 */
	public function test_only_what_is_over_or_off_can_no_longer_be_moved( string $status, bool $is_active ): void {
		$this->assertSame( $is_active, LateSync_Bridge_Booking_Row::is_active( $status ) );
	}

	public function statuses(): array {
		return array(
			'holds its time'        => array( 'approved', true ),
			'holds no time'         => array( 'pending', true ),
			'waits for its payment' => array( 'payment_pending', true ),
			'the owner\'s own'      => array( 'in_treatment', true ),
			'cancelled'             => array( 'cancelled', false ),
			'nobody came'           => array( 'no_show', false ),
			'done'                  => array( 'completed', false ),
		);
	}

	public function test_numbers_match_as_numbers_and_null_matches_null_only(): void {
		$row = array(
			'agent_id' => '3',
			'end_time' => null,
		);
		$this->assertTrue( LateSync_Bridge_Booking_Row::matches( array( 'agent_id', 'end_time' ), array( 'agent_id' => 3 ), $row ) );
		$this->assertFalse( LateSync_Bridge_Booking_Row::matches( array( 'end_time' ), array( 'end_time' => 0 ), $row ) );
	}
}
