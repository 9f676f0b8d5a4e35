<?php
/**
 * What people paste into the plugin's settings, and what is made of it.
 */

use PHPUnit\Framework\TestCase;

defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
require_once dirname( __DIR__, 3 ) . '/wp_bridge/latesync-bridge/includes/class-connection-string.php';

final class ConnectionStringTest extends TestCase {

	/** The string LateSync would show for these parts. */
	private static function a_string( array $changes = array() ): string {
		$parts = array_merge(
			array(
				'address' => 'https://sync.example.com',
				'site'    => '0123456789ab',
				'secret'  => 'a-secret_of 43 characters ~ü~',
			),
			$changes
		);
		return 'latesync:' . rtrim( strtr( base64_encode( json_encode( $parts ) ), '+/', '-_' ), '=' );
	}

	private static function error_of( string $text ): string {
		return LateSync_Bridge_Connection_String::parse( $text )['error'];
	}

	public function test_a_whole_string_gives_its_three_parts(): void {
		$this->assertSame(
			array(
				'error'   => '',
				'address' => 'https://sync.example.com',
				'site'    => '0123456789ab',
				'secret'  => 'a-secret_of 43 characters ~ü~',
			),
			LateSync_Bridge_Connection_String::parse( self::a_string() )
		);
	}

	/** Made by Python: json.dumps(separators=(",", ":")), urlsafe_b64encode, rstrip("="). */
	public function test_a_string_made_in_python_is_read(): void {
		$parsed = LateSync_Bridge_Connection_String::parse(
			'latesync:eyJhZGRyZXNzIjoiaHR0cHM6Ly9zeW5jLmV4YW1wbGUuY29tIiwic2l0ZSI6IjAxMjM0NTY3ODlhYiIsInNlY3JldCI6Ij8_Pz4-Pn5-In0'
		);
		$this->assertSame( '', $parsed['error'] );
		$this->assertSame( '???>>>~~', $parsed['secret'] );
	}

	public function test_line_breaks_quotes_and_invisible_spaces_from_a_mail_do_no_harm(): void {
		$broken = " \"" . chunk_split( self::a_string(), 40, "\r\n\u{200b}\u{00a0}" ) . "\"\n";
		$this->assertSame( '0123456789ab', LateSync_Bridge_Connection_String::parse( $broken )['site'] );
	}

	public function test_an_empty_field_is_said_to_be_empty(): void {
		$this->assertSame( 'empty', self::error_of( " \n" ) );
	}

	public function test_something_else_is_not_taken_for_a_connection_string(): void {
		$this->assertSame( 'not_ours', self::error_of( 'https://sync.example.com' ) );
		$this->assertSame( 'not_ours', self::error_of( str_repeat( 'latesync:', 2000 ) ) );
	}

	public function test_a_string_that_was_cut_off_is_damaged(): void {
		$whole = self::a_string();
		for ( $length = strlen( 'latesync:' ); $length < strlen( $whole ); $length++ ) {
			$this->assertSame( 'damaged', self::error_of( substr( $whole, 0, $length ) ), "cut after $length characters" );
		}
	}

	public function test_bytes_that_are_not_text_are_damaged_and_raise_nothing(): void {
		$this->assertSame( 'damaged', self::error_of( 'latesync:!!!' ) );
		$this->assertSame( 'damaged', self::error_of( 'latesync:_____w' ) );
		$this->assertSame( 'damaged', self::error_of( 'latesync:' . base64_encode( '"text"' ) ) );
		$this->assertNotSame( '', self::error_of( "latesync:\xff\xfe" ) );
	}

	/**
	 * @dataProvider parts_that_are_missing_or_odd
	 */
	public function test_missing_or_odd_parts_are_named_as_incomplete( array $changes ): void {
		$parsed = LateSync_Bridge_Connection_String::parse( self::a_string( $changes ) );
		$this->assertSame( 'incomplete', $parsed['error'] );
		$this->assertSame( '', $parsed['secret'] );
	}

	public function parts_that_are_missing_or_odd(): array {
		return array(
			'no secret'         => array( array( 'secret' => null ) ),
			'blank secret'      => array( array( 'secret' => '  ' ) ),
			'secret is a list'  => array( array( 'secret' => array( 'x' ) ) ),
			'no site'           => array( array( 'site' => '' ) ),
			'site is too long'  => array( array( 'site' => '0123456789abc' ) ),
			'site is not hex'   => array( array( 'site' => "0123456789a'" ) ),
			'address is number' => array( array( 'address' => 5 ) ),
		);
	}

	public function test_a_bad_address_inside_keeps_its_own_reason(): void {
		$this->assertSame( 'address_scheme', self::error_of( self::a_string( array( 'address' => 'ftp://sync.example.com' ) ) ) );
	}

	/**
	 * @dataProvider addresses
	 */
	public function test_an_address_is_cleaned_or_refused_with_a_reason( string $typed, string $error, string $address ): void {
		$this->assertSame(
			array(
				'error'   => $error,
				'address' => $address,
			),
			LateSync_Bridge_Connection_String::clean_address( $typed )
		);
	}

	public function addresses(): array {
		return array(
			array( ' https://Sync.Example.com/ ', '', 'https://sync.example.com' ),
			array( 'HTTP://localhost:8080', '', 'http://localhost:8080' ),
			array( 'https://example.com/LateSync//', '', 'https://example.com/LateSync' ),
			array( 'http://[::1]:8080/', '', 'http://[::1]:8080' ),
			array( '', 'address_empty', '' ),
			array( 'sync.example.com', 'address_scheme', '' ),
			array( 'javascript://x', 'address_scheme', '' ),
			array( 'https://', 'address_shape', '' ),
			array( 'https://a b', 'address_shape', '' ),
			array( "https://a.example/\r\nHost: b", 'address_shape', '' ),
			array( 'https://büro.example', 'address_foreign', '' ),
			array( 'https://a.example:99999', 'address_shape', '' ),
			array( 'https://user:pw@a.example', 'address_extra', '' ),
			array( 'https://a.example/?x=1', 'address_extra', '' ),
			array( 'https://a.example/#x', 'address_extra', '' ),
		);
	}

	/**
	 * @dataProvider exposed_and_private_addresses
	 */
	public function test_only_plain_http_to_a_public_host_is_exposed( string $address, bool $exposed ): void {
		$this->assertSame( $exposed, LateSync_Bridge_Connection_String::is_exposed( $address ) );
	}

	public function exposed_and_private_addresses(): array {
		return array(
			array( 'http://sync.example.com', true ),
			array( 'http://93.184.216.34:8080', true ),
			array( 'http://[2606:2800:220:1::1]', true ),
			array( 'https://sync.example.com', false ),
			array( 'http://localhost:8080', false ),
			array( 'http://127.0.0.1', false ),
			array( 'http://[::1]', false ),
			array( 'http://192.168.1.4', false ),
			array( 'http://10.0.0.4', false ),
			array( 'http://172.20.0.2', false ),
			array( 'http://latesync:8080', false ),
			array( 'http://nas.local', false ),
		);
	}
}
