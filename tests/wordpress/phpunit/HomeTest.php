<?php
/**
 * What tells a site from its copy: its address, without what may change on one and the same site.
 */

use PHPUnit\Framework\TestCase;

defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
require_once dirname( __DIR__, 3 ) . '/wp_bridge/latesync-bridge/includes/class-home.php';

final class HomeTest extends TestCase {

	/** @return array<string, array<int, string>> */
	public static function one_site(): array {
		return array(
			'https instead of http' => array( 'http://salon.example', 'https://salon.example' ),
			'www'                   => array( 'https://www.salon.example', 'https://salon.example' ),
			'a slash'               => array( 'https://salon.example/shop/', 'https://salon.example/shop' ),
			'capitals'              => array( 'https://Salon.Example', 'https://salon.example' ),
			'port, own machine'     => array( 'http://localhost:8081', 'http://localhost:9000' ),
			'port, its number'      => array( 'http://127.0.0.1:8081/a', 'http://127.0.0.1/a' ),
		);
	}

	/** @dataProvider one_site */
	public function test_one_site_under_two_spellings( string $one, string $other ): void {
		$this->assertSame( LateSync_Bridge_Home::mark( $one ), LateSync_Bridge_Home::mark( $other ) );
	}

	/** @return array<int, array<int, string>> */
	public static function copies(): array {
		return array(
			array( 'https://staging.salon.example' ),
			array( 'https://salon.example/staging' ),
			array( 'https://salon.example:8443' ),
			array( 'https://salon.example.staging.host' ),
		);
	}

	/** @dataProvider copies */
	public function test_a_copy_has_another_mark( string $copy ): void {
		$this->assertNotSame( LateSync_Bridge_Home::mark( 'https://salon.example' ), LateSync_Bridge_Home::mark( $copy ) );
	}

	public function test_the_mark_holds_no_address_that_a_search_and_replace_could_find(): void {
		$this->assertStringNotContainsString( 'salon', LateSync_Bridge_Home::mark( 'https://salon.example' ) );
	}
}
