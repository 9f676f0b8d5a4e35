<?php
/**
 * Signed messages: what counts, what does not, and that Python and PHP say the same.
 */

use PHPUnit\Framework\TestCase;

final class SignatureTest extends TestCase {

	const NOW   = 1790000000;
	const NONCE = '00112233445566778899aabbccddeeff';
	const BODY  = '{"v":1,"bookings":[12],"looking_at":[]}';

	/** The code for a message signed at NOW for POST /hooks/site, with some parts exchanged afterwards. */
	private static function verdict( array $changes = array(), string $signed_with = 'secret', $signed_at = self::NOW ): string {
		$nonce   = $changes['signed_nonce'] ?? self::NONCE;
		$message = array(
			'secret'    => 'secret',
			'method'    => 'POST',
			'path'      => '/hooks/site',
			'timestamp' => $signed_at,
			'nonce'     => $nonce,
			'body'      => self::BODY,
			'signature' => LateSync_Bridge_Signature::sign( $signed_with, 'POST', '/hooks/site', $signed_at, $nonce, self::BODY ),
			'now'       => self::NOW,
		);
		unset( $changes['signed_nonce'] );
		return LateSync_Bridge_Signature::verify( ...array_values( array_merge( $message, $changes ) ) );
	}

	/** The vectors both languages run; made with openssl's command line. */
	public static function vectors(): array {
		$vectors = json_decode( (string) file_get_contents( dirname( __DIR__ ) . '/signature_vectors.json' ), true );
		return array_map(
			static function ( array $vector ): array {
				return array( $vector );
			},
			$vectors
		);
	}

	public function test_there_are_vectors(): void {
		$this->assertGreaterThanOrEqual( 8, count( self::vectors() ) );
	}

	/** @dataProvider vectors */
	public function test_a_vector_is_signed_alike( array $v ): void {
		$this->assertSame(
			$v['signature'],
			LateSync_Bridge_Signature::sign( $v['secret'], $v['method'], $v['path'], $v['timestamp'], $v['nonce'], $v['body'] )
		);
	}

	/** @dataProvider vectors */
	public function test_a_vector_verifies_as_it_travels_in_headers( array $v ): void {
		$headers = LateSync_Bridge_Signature::headers( $v['secret'], 'abc', $v['method'], $v['path'], $v['body'], $v['timestamp'], $v['nonce'] );
		$this->assertSame(
			array(
				'X-LateSync-Site'      => 'abc',
				'X-LateSync-Timestamp' => (string) $v['timestamp'],
				'X-LateSync-Nonce'     => $v['nonce'],
				'X-LateSync-Signature' => $v['signature'],
			),
			$headers
		);
		$this->assertSame(
			'',
			LateSync_Bridge_Signature::verify( $v['secret'], $v['method'], $v['path'], $headers['X-LateSync-Timestamp'], $v['nonce'], $v['body'], $v['signature'], $v['timestamp'] )
		);
	}

	public function test_an_untouched_message_verifies(): void {
		$this->assertSame( '', self::verdict() );
	}

	/** Each part that is signed. */
	public static function touched(): array {
		return array(
			'secret'    => array( array( 'secret' => 'Secret' ) ),
			'method'    => array( array( 'method' => 'PUT' ) ),
			'path'      => array( array( 'path' => '/hooks/site/' ) ),
			'timestamp' => array( array( 'timestamp' => self::NOW + 1 ) ),
			'nonce'     => array( array( 'nonce' => '10112233445566778899aabbccddeeff' ) ),
			'body'      => array( array( 'body' => self::BODY . "\n" ) ),
			'signature' => array( array( 'signature' => str_repeat( '0', 64 ) ) ),
		);
	}

	/** @dataProvider touched */
	public function test_a_changed_part_is_a_wrong_signature( array $change ): void {
		$this->assertSame( 'signature', self::verdict( $change ) );
	}

	public function test_an_empty_secret_verifies_nothing(): void {
		$this->assertSame( 'signature', self::verdict( array( 'secret' => '' ), '' ) );
	}

	/** Seconds the message's clock is ahead, and what that means. */
	public static function clocks(): array {
		return array(
			'five minutes behind'         => array( -300, '' ),
			'five minutes ahead'          => array( 300, '' ),
			'a second more behind'        => array( -301, 'clock' ),
			'a second more ahead'         => array( 301, 'clock' ),
			'a day behind'                => array( -86400, 'clock' ),
			'the beginning of Unix times' => array( -self::NOW, 'clock' ),
		);
	}

	/** @dataProvider clocks */
	public function test_five_minutes_count( int $ahead, string $code ): void {
		$this->assertSame( $code, self::verdict( array(), 'secret', self::NOW + $ahead ) );
	}

	public function test_who_does_not_know_the_secret_learns_nothing_of_the_clock(): void {
		$this->assertSame( 'signature', self::verdict( array(), 'another', self::NOW - 86400 ) );
	}

	/** Headers of another shape. */
	public static function malformed(): array {
		$hex = hash( 'sha256', 'x' );
		return array(
			'no timestamp'             => array( array( 'timestamp' => '' ) ),
			'a timestamp in words'     => array( array( 'timestamp' => 'now' ) ),
			'a fraction'               => array( array( 'timestamp' => '1790000000.5' ) ),
			'a sign'                   => array( array( 'timestamp' => '+1790000000' ) ),
			'below zero'               => array( array( 'timestamp' => '-1' ) ),
			'a leading zero'           => array( array( 'timestamp' => '01790000000' ) ),
			'a space'                  => array( array( 'timestamp' => ' 1790000000' ) ),
			'a line end'               => array( array( 'timestamp' => "1790000000\n" ) ),
			'hex'                      => array( array( 'timestamp' => '0x6AB13B80' ) ),
			'more than any clock says' => array( array( 'timestamp' => str_repeat( '9', 40 ) ) ),
			'no nonce'                 => array( array( 'nonce' => '' ) ),
			'a short nonce'            => array( array( 'nonce' => substr( self::NONCE, 1 ) ) ),
			'a long nonce'             => array( array( 'nonce' => self::NONCE . '0' ) ),
			'a nonce in capitals'      => array( array( 'nonce' => strtoupper( self::NONCE ) ) ),
			'a nonce with a line end'  => array( array( 'nonce' => self::NONCE . "\n" ) ),
			'a nonce that is not hex'  => array( array( 'nonce' => str_repeat( 'g', 32 ) ) ),
			'no signature'             => array( array( 'signature' => '' ) ),
			'a short signature'        => array( array( 'signature' => substr( $hex, 1 ) ) ),
			'two signatures'           => array( array( 'signature' => $hex . ',' . $hex ) ),
		);
	}

	/** @dataProvider malformed */
	public function test_headers_of_another_shape_are_malformed( array $change ): void {
		$this->assertSame( 'malformed', self::verdict( $change ) );
	}

	public function test_a_signature_has_one_spelling(): void {
		$right = LateSync_Bridge_Signature::sign( 'secret', 'POST', '/hooks/site', self::NOW, self::NONCE, self::BODY );
		$this->assertSame( 'malformed', self::verdict( array( 'signature' => strtoupper( $right ) ) ) );
	}

	public function test_a_nonce_signed_in_capitals_does_not_count_either(): void {
		$this->assertSame( 'malformed', self::verdict( array( 'signed_nonce' => strtoupper( self::NONCE ) ) ) );
	}

	public function test_each_message_gets_a_nonce_of_its_own(): void {
		$first  = LateSync_Bridge_Signature::headers( 'secret', '', 'GET', '/hooks/site', '' );
		$second = LateSync_Bridge_Signature::headers( 'secret', '', 'GET', '/hooks/site', '' );
		$this->assertMatchesRegularExpression( '/^[0-9a-f]{32}$/', $first['X-LateSync-Nonce'] );
		$this->assertNotSame( $first['X-LateSync-Nonce'], $second['X-LateSync-Nonce'] );
	}
}
