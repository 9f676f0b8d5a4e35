<?php
/**
 * What went wrong where nobody could be told: kept for the pages in WP admin.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * The latest trouble of each kind: codes and ids only, never names, addresses or titles. Nothing here throws.
 */
class LateSync_Bridge_Troubles {

	const OPTION = 'latesync_bridge_troubles';

	// A trouble on every page view must not become a write on every page view.
	const WRITE_EVERY_S = 5 * MINUTE_IN_SECONDS;

	// Nothing says "that works again"; what has not come back for so long is over.
	const KEPT_S = 2 * DAY_IN_SECONDS;

	const DETAIL_LENGTH = 120;

	/**
	 * Codes noted by this request, by site.
	 *
	 * @var array
	 */
	private static $noted = array();

	/**
	 * Remembers a trouble: at most one write per code in five minutes.
	 *
	 * @param string $code   Which kind, [a-z_].
	 * @param string $detail An id or an error's number.
	 */
	public static function note( string $code, string $detail = '' ): void {
		try {
			$site = get_current_blog_id();
			if ( isset( self::$noted[ $site ][ $code ] ) ) {
				return;
			}
			self::$noted[ $site ][ $code ] = true;

			$troubles = self::stored();
			$now      = time();
			if ( isset( $troubles[ $code ] ) && abs( $now - $troubles[ $code ]['at'] ) < self::WRITE_EVERY_S ) {
				return;
			}
			$troubles[ $code ] = array(
				'detail' => self::printable( $detail ),
				'at'     => $now,
			);
			self::store( $troubles );
		} catch ( Throwable $ignored ) {
			// The one place that is told of failures has nobody left to tell.
			return;
		}
	}

	/**
	 * The troubles of the last two days.
	 *
	 * @return array Code => array( 'detail' => string, 'at' => Unix seconds ).
	 */
	public static function all(): array {
		try {
			$since = time() - self::KEPT_S;
			return array_filter(
				self::stored(),
				static function ( array $trouble ) use ( $since ): bool {
					return $trouble['at'] >= $since;
				}
			);
		} catch ( Throwable $ignored ) {
			return array();
		}
	}

	/**
	 * Forgets a trouble that is over.
	 *
	 * @param string $code Which kind.
	 */
	public static function clear( string $code ): void {
		try {
			unset( self::$noted[ get_current_blog_id() ][ $code ] );
			$troubles = self::stored();
			if ( isset( $troubles[ $code ] ) ) {
				unset( $troubles[ $code ] );
				self::store( $troubles );
			}
		} catch ( Throwable $ignored ) {
			return;
		}
	}

	/**
	 * A detail up to its first odd character: a class without a name has its file's path behind one.
	 *
	 * @param string $detail As noted.
	 */
	private static function printable( string $detail ): string {
		return substr( (string) preg_replace( '/[^\x20-\x7e].*\z/s', '', $detail ), 0, self::DETAIL_LENGTH );
	}

	/**
	 * What is stored, without entries of another shape.
	 */
	private static function stored(): array {
		$stored = get_option( self::OPTION, array() );
		return array_filter(
			is_array( $stored ) ? $stored : array(),
			static function ( $trouble ): bool {
				return is_array( $trouble ) && isset( $trouble['detail'], $trouble['at'] )
					&& is_string( $trouble['detail'] ) && is_int( $trouble['at'] );
			}
		);
	}

	/**
	 * Writes all; not autoloaded, as only the pages in WP admin read it. A refused write is not shown on the page.
	 *
	 * @param array $troubles As all().
	 */
	private static function store( array $troubles ): void {
		global $wpdb;
		$suppressed = $wpdb->suppress_errors( true );
		try {
			update_option( self::OPTION, $troubles, false );
		} finally {
			$wpdb->suppress_errors( $suppressed );
		}
	}
}
