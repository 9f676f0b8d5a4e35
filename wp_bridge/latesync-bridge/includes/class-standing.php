<?php
/**
 * Whether the way to LateSync is open, as far as this site knows.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Read from what was heard last: the kept answer, the breaker and the troubles. Asks nobody.
 *
 * A standing is array( kind, Unix seconds when that was learnt ).
 */
final class LateSync_Bridge_Standing {

	/** Nothing speaks against it. */
	const OPEN = 'open';

	/** LateSync did not answer. */
	const AWAY = 'away';

	/** LateSync answers and refuses this site's messages; why is not known, or it is the clocks. */
	const REFUSED = 'refused';

	/** The connection string is no longer the right one: another secret, or another site's LateSync. */
	const STRANGER = 'stranger';

	/** What is known. */
	public static function now(): array {
		$failed_at = LateSync_Bridge_Breaker::failed_at();
		$kept      = LateSync_Bridge_Greetings::kept();
		// A good answer closes the breaker: one that is not closed failed after it.
		if ( null !== $kept && ( 0 === $failed_at || ! $kept['ok'] ) ) {
			return array( self::kind( $kept ), (int) ( $kept['at'] ?? time() ) );
		}
		if ( 0 !== $failed_at ) {
			return array( self::AWAY, $failed_at );
		}
		$troubles = LateSync_Bridge_Troubles::all();
		return isset( $troubles['refused_401'] ) ? array( self::REFUSED, $troubles['refused_401']['at'] ) : array( self::OPEN, 0 );
	}

	/**
	 * What the owner reads beside their button; '' when there is nothing to say.
	 *
	 * @param array $standing From now().
	 * @param int   $now      Unix seconds.
	 */
	public static function for_owner( array $standing, int $now ): string {
		switch ( $standing[0] ) {
			case self::AWAY:
				/* translators: %s: distance such as "2 minutes ago". */
				$text = __( 'LateSync did not answer when this site last asked (%s), so its page may not open. Check on its server that LateSync runs.', 'latesync-bridge' );
				return sprintf( $text, LateSync_Bridge_Words::distance( $standing[1], $now ) );
			case self::REFUSED:
				return __( 'LateSync does not accept this site’s messages at the moment, so it may not let you in. “Test connection” under Settings says why.', 'latesync-bridge' );
			case self::STRANGER:
				return __( 'LateSync does not accept this site’s secret, so it would not let you in from here. Copy the connection string from LateSync’s page “WordPress” and paste it again.', 'latesync-bridge' );
		}
		return '';
	}

	/**
	 * What an agent reads beside theirs.
	 *
	 * @param array $standing From now().
	 * @param int   $now      Unix seconds.
	 */
	public static function for_agent( array $standing, int $now ): string {
		switch ( $standing[0] ) {
			case self::AWAY:
				/* translators: %s: distance such as "2 minutes ago". */
				$text = __( 'LateSync did not answer when this site last asked (%s), so its page may not open. Try again in a few minutes; if it stays so, tell this site’s administrator.', 'latesync-bridge' );
				return sprintf( $text, LateSync_Bridge_Words::distance( $standing[1], $now ) );
			case self::REFUSED:
			case self::STRANGER:
				return __( 'LateSync does not accept this site’s secret at the moment, so it may not let you in. Tell this site’s administrator: “Test connection” under LateSync → Settings says what to do.', 'latesync-bridge' );
		}
		return '';
	}

	/**
	 * What an answer says of the way.
	 *
	 * @param array $answer From LateSync_Bridge_Greetings.
	 */
	private static function kind( array $answer ): string {
		$kinds = array(
			'fine'       => self::OPEN,
			'signature'  => self::STRANGER,
			'other_site' => self::STRANGER,
			'clock'      => self::REFUSED,
			'replayed'   => self::REFUSED,
		);
		return $kinds[ $answer['code'] ] ?? self::AWAY;
	}
}
