<?php
/**
 * Greetings: asking LateSync how it is, and telling it who asks.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Greets LateSync, remembers for a minute what it answered, and learns its version, protocol and site id from it.
 *
 * A result is what class Answer describes, without 'answer' and with 'seconds' (float), how long it took, and 'at' (Unix
 * seconds).
 */
final class LateSync_Bridge_Greetings {

	const CACHE = 'latesync_bridge_greeting';
	const DAILY = 'latesync_bridge_greeted';

	/** A page that shows more than this needs must not wait longer for it. */
	const PAGE_LIMIT_S = 2.0;

	const TEST_LIMIT_S = 5.0;

	/** A greeting LateSync refused is tried again after this. */
	const AGAIN_S = 5 * MINUTE_IN_SECONDS;

	/** Another LateSync answers at the address than the one that was connected; beside the codes of class Answer. */
	const OTHER_SITE = 'other_site';

	/**
	 * Greet once a day when an administrator is about, and at once after an update, so that LateSync knows which versions it
	 * deals with.
	 */
	public static function register(): void {
		add_action( 'admin_init', array( __CLASS__, 'greet_daily' ) );
	}

	/** Not waited for: the answer is read on the status page. */
	public static function greet_daily(): void {
		if ( wp_doing_ajax() || ! LateSync_Bridge_Settings::is_connected() || ! current_user_can( 'manage_options' ) ) {
			return;
		}
		$note = LateSync_Bridge_Courier::greeting();
		if ( self::versions( $note ) !== get_transient( self::DAILY ) ) {
			LateSync_Bridge_Courier::post( $note );
		}
	}

	/**
	 * A greeting arrived: the next one is due in a day, or when a version is another. One that did not arrive does not count.
	 *
	 * @param array $note    What was sent; without a greeting in it nothing is remembered.
	 * @param bool  $is_fine LateSync took it.
	 */
	public static function note_arrival( array $note, bool $is_fine ): void {
		if ( isset( $note['hello'] ) ) {
			set_transient( self::DAILY, self::versions( $note ), $is_fine ? DAY_IN_SECONDS : self::AGAIN_S );
		}
	}

	/** LateSync's answer of the last minute, or a fresh one. */
	public static function recent(): array {
		return self::kept() ?? self::ask( self::PAGE_LIMIT_S );
	}

	/** LateSync's answer of the last minute, null when it was not asked. */
	public static function kept(): ?array {
		$kept = get_transient( self::CACHE );
		return is_array( $kept ) && isset( $kept['ok'], $kept['code'] ) ? $kept : null;
	}

	/**
	 * Greet now, and wait for the answer.
	 *
	 * @param float $limit_s How long at most.
	 */
	public static function ask( float $limit_s = self::TEST_LIMIT_S ): array {
		$note              = LateSync_Bridge_Courier::greeting();
		$began             = microtime( true );
		$result            = LateSync_Bridge_Courier::ask( $note, $limit_s );
		$result['seconds'] = microtime( true ) - $began;
		$result['at']      = time();
		// All that is used of it stands beside it, checked.
		unset( $result['answer'] );
		if ( $result['ok'] && self::is_other_site( $result['site'] ) ) {
			$result['ok']   = false;
			$result['code'] = self::OTHER_SITE;
		}
		if ( $result['ok'] ) {
			self::learn( $result );
			self::remember_home( $result['home'] );
			self::note_arrival( $note, true );
		}
		set_transient( self::CACHE, $result, MINUTE_IN_SECONDS );
		return $result;
	}

	/** After a change of settings nothing that was heard before counts. */
	public static function forget(): void {
		delete_transient( self::CACHE );
		delete_transient( self::DAILY );
	}

	/** Whether LateSync and this plugin speak the same language, as far as is known. */
	public static function versions_fit(): bool {
		$protocol = (int) LateSync_Bridge_Settings::get( 'daemon_protocol', 0 );
		return 0 === $protocol || LATESYNC_BRIDGE_PROTOCOL === $protocol;
	}

	/**
	 * Whether LateSync reads the database of another site than this one.
	 *
	 * LateSync knows the address the database holds; WP_HOME in wp-config.php may say another, so either will do.
	 *
	 * @param string $home What LateSync read there; '' when it could not.
	 */
	public static function serves_another_site( string $home ): bool {
		global $wpdb;
		$theirs = LateSync_Bridge_Home::place( $home );
		if ( '' === $theirs || LateSync_Bridge_Home::place( home_url() ) === $theirs ) {
			return false;
		}
		// phpcs:ignore WordPress.DB -- get_option() would give WP_HOME; rarely asked.
		$stored = (string) $wpdb->get_var( "SELECT option_value FROM {$wpdb->options} WHERE option_name = 'home'" );
		return LateSync_Bridge_Home::place( $stored ) !== $theirs;
	}

	/**
	 * Whether an answer's id is not the one that came with the connection string. The first answer tells it to a site that
	 * was connected by hand.
	 *
	 * @param string $site As LateSync sent it.
	 */
	private static function is_other_site( string $site ): bool {
		$known = (string) LateSync_Bridge_Settings::get( 'site' );
		return '' !== $known && self::is_id( $site ) && $known !== $site;
	}

	/**
	 * Whether a text is an id as LateSync makes them.
	 *
	 * @param string $site As LateSync sent it.
	 */
	private static function is_id( string $site ): bool {
		return 1 === preg_match( '/^[0-9a-f]{12}\z/', $site );
	}

	/**
	 * The versions a greeting names, as one word. Addresses are left out: some plugins change them from page to page.
	 *
	 * @param array $note From Courier::greeting().
	 */
	private static function versions( array $note ): string {
		return $note['hello']['plugin'] . ' ' . $note['hello']['wordpress'] . ' ' . $note['hello']['latepoint'];
	}

	/**
	 * Keep what an answer says about LateSync, writing only when something is new.
	 *
	 * @param array $result A good one.
	 */
	private static function learn( array $result ): void {
		$heard = array(
			'daemon_version'  => $result['version'],
			'daemon_protocol' => $result['protocol'],
		);
		if ( self::is_id( $result['site'] ) ) {
			$heard['site'] = $result['site'];
		}
		$changes = array();
		foreach ( $heard as $name => $value ) {
			if ( LateSync_Bridge_Settings::get( $name ) !== $value ) {
				$changes[ $name ] = $value;
			}
		}
		if ( $changes ) {
			LateSync_Bridge_Settings::set( $changes );
		}
	}

	/**
	 * A site that was connected before addresses were remembered: LateSync reads this one's database, so it is the right one.
	 *
	 * @param string $home What LateSync read there; '' when it could not.
	 */
	private static function remember_home( string $home ): void {
		if ( '' !== $home && ! LateSync_Bridge_Home::remembered() && ! self::serves_another_site( $home ) ) {
			LateSync_Bridge_Home::remember();
		}
	}
}
