<?php
/**
 * Whether this site is still the one that was connected.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Remembers the site's address when it is connected. A copy of the site has another one, and the same settings: it keeps
 * quiet towards LateSync until a person says whether the site has moved.
 *
 * Kept is a hash: whoever copies a site replaces its address in every option. WP_HOME in wp-config.php may say another address
 * than the database, so both are kept, and either will do.
 */
final class LateSync_Bridge_Home {

	const SETTING = 'homes';

	/**
	 * What was found in this request, by site.
	 *
	 * @var bool[]
	 */
	private static $found = array();

	/** Whether this is another site than the one that was connected; a site that never remembered is not. */
	public static function is_copy(): bool {
		$blog = get_current_blog_id();
		if ( ! isset( self::$found[ $blog ] ) ) {
			$known                = self::remembered();
			$is_known             = ! $known || in_array( self::mark( (string) get_option( 'home' ) ), $known, true );
			self::$found[ $blog ] = ! $is_known && ! array_intersect( $known, self::here() );
		}
		return self::$found[ $blog ];
	}

	/**
	 * Remember this site's address, or another's.
	 *
	 * @param string[]|null $marks From here() or mark(); null: this site's own.
	 */
	public static function remember( ?array $marks = null ): void {
		LateSync_Bridge_Settings::set( array( self::SETTING => null === $marks ? self::here() : $marks ) );
		self::$found = array();
	}

	/**
	 * The marks that were kept; none before a connection.
	 *
	 * @return string[]
	 */
	public static function remembered(): array {
		$known = LateSync_Bridge_Settings::get( self::SETTING, array() );
		return is_array( $known ) ? array_values( array_filter( $known, 'is_string' ) ) : array();
	}

	/**
	 * The marks of this site's address, as WordPress says it and as the database holds it.
	 *
	 * @return string[]
	 */
	public static function here(): array {
		global $wpdb;
		// phpcs:ignore WordPress.DB -- get_option() would give WP_HOME; asked when a site is connected, and on copies.
		$stored = (string) $wpdb->get_var( "SELECT option_value FROM {$wpdb->options} WHERE option_name = 'home'" );
		return array_values( array_unique( array( self::mark( (string) get_option( 'home' ) ), self::mark( $stored ) ) ) );
	}

	/**
	 * What is kept of an address.
	 *
	 * @param string $url An address.
	 */
	public static function mark( string $url ): string {
		return hash( 'sha256', self::place( $url ) );
	}

	/**
	 * An address without what does not tell sites apart: scheme, letter case, www., the slash at the end, and on one's own
	 * machine the port. LateSync compares in the same way.
	 *
	 * @param string $url An address.
	 */
	public static function place( string $url ): string {
		$place = rtrim( (string) preg_replace( '#^https?://#', '', strtolower( trim( $url ) ) ), '/' );
		$place = (string) preg_replace( '#^www\.#', '', $place );
		return (string) preg_replace( '#^(localhost|127\.0\.0\.1|\[::1\]):\d+#', '$1', $place );
	}

	/** What an administrator reads. */
	public static function sentence(): string {
		return __( 'This WordPress was connected to LateSync under another address, so LateSync hears nothing from here. Busy time that is already stored keeps closing slots. Say whether the site has moved here, or this is a copy.', 'latesync-bridge' );
	}
}
