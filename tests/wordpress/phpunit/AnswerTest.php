<?php
/**
 * What the settings page learns from LateSync's answer, or from there being none.
 */

use PHPUnit\Framework\TestCase;

final class AnswerTest extends TestCase {

	const NOW = 1790000000;

	private static function body( array $changes = array() ): string {
		return (string) json_encode(
			array_merge(
				array(
					'v'       => 1,
					'version' => '0.2.0',
					'site'    => '0123456789ab',
					'time'    => self::NOW,
				),
				$changes
			)
		);
	}

	private static function code( int $status, string $body ): string {
		return LateSync_Bridge_Answer::of_response( $status, $body, self::NOW )['code'];
	}

	public function test_latesync_s_answer_is_fine_and_taken_apart(): void {
		$agents = array(
			array(
				'id'          => 3,
				'state'       => 'connected',
				'last_run_at' => null,
			),
		);
		$body   = self::body(
			array(
				'home'        => 'https://salon.example',
				'agents'      => $agents,
				'worker_late' => true,
			)
		);
		$result = LateSync_Bridge_Answer::of_response( 200, $body, self::NOW );
		$this->assertTrue( $result['ok'] );
		$this->assertSame( 'fine', $result['code'] );
		$this->assertSame( array( '0.2.0', 1, '0123456789ab' ), array( $result['version'], $result['protocol'], $result['site'] ) );
		$this->assertSame( array( 'https://salon.example', $agents, true ), array( $result['home'], $result['agents'], $result['worker_late'] ) );
		$this->assertSame( 0, $result['seconds_off'] );
	}

	public function test_the_answer_to_a_plain_note_is_fine_too(): void {
		$result = LateSync_Bridge_Answer::of_response( 200, self::body(), self::NOW );
		$this->assertTrue( $result['ok'] );
		$this->assertSame( array( '', array(), false ), array( $result['home'], $result['agents'], $result['worker_late'] ) );
	}

	/** LateSync's refusals. */
	public static function refusals(): array {
		return array(
			'wrong secret'   => array( 401, '{"error":"signature"}', 'signature' ),
			'wrong clock'    => array( 401, '{"error":"clock","time":1790000400}', 'clock' ),
			'seen before'    => array( 409, '{"error":"replayed"}', 'replayed' ),
			'not understood' => array( 400, '{"error":"malformed"}', 'error' ),
			'too large'      => array( 413, '{"error":"too_large"}', 'error' ),
			'broken'         => array( 500, '<h1>Internal Server Error</h1>', 'error' ),
			'stopped'        => array( 502, '<html>Bad Gateway</html>', 'error' ),
		);
	}

	/** @dataProvider refusals */
	public function test_a_refusal_has_its_code( int $status, string $body, string $code ): void {
		$result = LateSync_Bridge_Answer::of_response( $status, $body, self::NOW );
		$this->assertSame( $code, $result['code'] );
		$this->assertFalse( $result['ok'] );
		$this->assertStringContainsString( (string) $status, $result['detail'] );
	}

	public function test_a_clock_that_is_off_says_by_how_much(): void {
		$this->assertSame( -400, LateSync_Bridge_Answer::of_response( 401, '{"error":"clock","time":1790000400}', self::NOW )['seconds_off'] );
		$this->assertSame( 400, LateSync_Bridge_Answer::of_response( 401, '{"error":"clock","time":1789999600}', self::NOW )['seconds_off'] );
	}

	/** What other servers say. */
	public static function others(): array {
		return array(
			'a web page'         => array( 200, '<!doctype html><title>Welcome</title>' ),
			'nothing'            => array( 200, '' ),
			'some JSON'          => array( 200, '{"status":"ok"}' ),
			'JSON, not an array' => array( 200, '"fine"' ),
			'half of ours'       => array( 200, '{"v":1}' ),
			'ours, misspelt'     => array( 200, '{"v":"1","version":"0.2.0","time":1790000000}' ),
			'no such page'       => array( 404, '<h1>Not Found</h1>' ),
			'a redirect'         => array( 301, '' ),
			'a login'            => array( 401, '<h1>Authorization required</h1>' ),
			'a guard'            => array( 403, 'Forbidden' ),
		);
	}

	/** @dataProvider others */
	public function test_another_server_s_answer_is_not_latesync_s( int $status, string $body ): void {
		$this->assertSame( 'not_latesync', self::code( $status, $body ) );
	}

	public function test_hostile_values_become_harmless(): void {
		$body   = self::body(
			array(
				'version'     => array( 'x' ),
				'site'        => str_repeat( 'x', 1000 ),
				'home'        => array(),
				'agents'      => 'all',
				'time'        => 'now',
				'worker_late' => 0,
			)
		);
		$result = LateSync_Bridge_Answer::of_response( 200, $body, self::NOW );
		$this->assertSame( array( '', '', array(), 0, false ), array( $result['version'], $result['home'], $result['agents'], $result['seconds_off'], $result['worker_late'] ) );
		$this->assertSame( 64, strlen( $result['site'] ) );
	}

	/** WordPress' words, from cURL and from PHP's streams. */
	public static function failures(): array {
		return array(
			array( 'cURL error 6: Could not resolve host: sync.example.com', 'dns' ),
			array( 'cURL error 28: Resolving timed out after 5000 milliseconds', 'dns' ),
			array( 'stream_socket_client(): php_network_getaddresses: getaddrinfo for x failed: Name or service not known', 'dns' ),
			array( 'cURL error 7: Failed to connect to 127.0.0.1 port 9 after 0 ms: Connection refused', 'refused_connection' ),
			array( 'cURL error 7: Failed to connect to 127.0.0.1 port 9 after 0 ms: Couldn\'t connect to server', 'refused_connection' ),
			array( 'stream_socket_client(): Unable to connect to tcp://127.0.0.1:9 (Connection refused)', 'refused_connection' ),
			array( 'cURL error 28: Operation timed out after 5001 milliseconds with 0 bytes received', 'timeout' ),
			array( 'cURL error 28: Connection timed out after 5001 milliseconds', 'timeout' ),
			array( 'cURL error 60: SSL certificate problem: self-signed certificate', 'tls' ),
			array( 'cURL error 35: error:0A00010B:SSL routines::wrong version number', 'tls' ),
			array( 'cURL error 60: SSL: no alternative certificate subject name matches target host name', 'tls' ),
			array( 'The SSL certificate for the host could not be verified.', 'tls' ),
			array( 'User has blocked requests through HTTP.', 'error' ),
		);
	}

	/** @dataProvider failures */
	public function test_a_failure_has_its_code( string $message, string $code ): void {
		$result = LateSync_Bridge_Answer::of_failure( $message );
		$this->assertSame( $code, $result['code'] );
		$this->assertSame( array( false, $message ), array( $result['ok'], $result['detail'] ) );
	}
}
