<?php
/**
 * The short phrases several pages share.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/** Values in, translated words out. Escaping is the caller's. */
final class LateSync_Bridge_Words {

	/**
	 * A moment in the site's zone and formats.
	 *
	 * @param int $instant Unix seconds.
	 */
	public static function moment( int $instant ): string {
		return (string) wp_date( get_option( 'date_format' ) . ' ' . get_option( 'time_format' ), $instant );
	}

	/**
	 * How long ago or how far ahead: "2 hours ago", "in 3 days".
	 *
	 * @param int $instant Unix seconds.
	 * @param int $now     Unix seconds.
	 */
	public static function distance( int $instant, int $now ): string {
		$length = human_time_diff( $instant, $now );
		if ( $instant > $now ) {
			/* translators: %s: a length of time such as "3 days". */
			return sprintf( __( 'in %s', 'latesync-bridge' ), $length );
		}
		/* translators: %s: a length of time such as "2 hours". */
		return sprintf( __( '%s ago', 'latesync-bridge' ), $length );
	}

	/**
	 * When an agent has to sign in again, as far as that is known.
	 *
	 * @param array $account One account (class Accounts).
	 * @param int   $now     Unix seconds.
	 */
	public static function consent_end( array $account, int $now ): string {
		$ends_at = $account['consent_ends_at'];
		if ( null === $ends_at ) {
			return LateSync_Bridge_Accounts::CONNECTED === $account['state'] ? __( 'no end is known', 'latesync-bridge' ) : '–';
		}
		/* translators: 1: date and time, 2: distance such as "in 3 days" or "2 hours ago". */
		return sprintf( __( '%1$s (%2$s)', 'latesync-bridge' ), self::moment( $ends_at ), self::distance( $ends_at, $now ) );
	}

	/**
	 * What a state is called, and which colour goes with it: array( text, 'good' | 'warning' | 'bad' | 'none' ).
	 *
	 * @param array|null $account One account; null for an agent who has none.
	 * @param int        $now     Unix seconds.
	 */
	public static function state( ?array $account, int $now ): array {
		if ( null === $account ) {
			return array( __( 'Never signed in', 'latesync-bridge' ), 'none' );
		}
		switch ( $account['state'] ) {
			case 'connected':
				return LateSync_Bridge_Accounts::ends_soon( $account, $now )
					? array( __( 'Connected, sign-in ends soon', 'latesync-bridge' ), 'warning' )
					: array( __( 'Connected', 'latesync-bridge' ), 'good' );
			case 'needs_sign_in':
				return array( __( 'Must sign in again', 'latesync-bridge' ), 'bad' );
			case 'disconnected':
				return array( __( 'Disconnected', 'latesync-bridge' ), 'none' );
		}
		return array( $account['state'], 'warning' );
	}

	/**
	 * A provider's name as people know it.
	 *
	 * @param string $provider LateSync's word.
	 */
	public static function provider( string $provider ): string {
		$names = array(
			'google'    => __( 'Google Calendar', 'latesync-bridge' ),
			'microsoft' => __( 'Outlook / Microsoft 365', 'latesync-bridge' ),
			'caldav'    => __( 'CalDAV', 'latesync-bridge' ),
		);
		return $names[ $provider ] ?? $provider;
	}

	/**
	 * Print a state as a badge: a word, and beside it a colour.
	 *
	 * @param array|null $account One account, or null.
	 * @param int        $now     Unix seconds.
	 */
	public static function print_state( ?array $account, int $now ): void {
		list( $text, $kind ) = self::state( $account, $now );
		printf( '<span class="latesync-state latesync-state-%s">%s</span>', esc_attr( $kind ), esc_html( $text ) );
	}

	/**
	 * Names joined as a list: "Dana, Kim". Long lists end in how many more.
	 *
	 * @param string[] $names Names of agents.
	 */
	public static function names( array $names ): string {
		$shown = array_slice( $names, 0, 5 );
		$more  = count( $names ) - count( $shown );
		$list  = implode( _x( ', ', 'between names', 'latesync-bridge' ), $shown );
		if ( 0 === $more ) {
			return $list;
		}
		/* translators: 1: names separated by commas, 2: a number. */
		return sprintf( _n( '%1$s and %2$s more', '%1$s and %2$s more', $more, 'latesync-bridge' ), $list, number_format_i18n( $more ) );
	}

	/**
	 * An agent's name, or a number for one LatePoint no longer lists.
	 *
	 * @param int      $agent_id LatePoint's number.
	 * @param string[] $names    By number.
	 */
	public static function agent( int $agent_id, array $names ): string {
		if ( isset( $names[ $agent_id ] ) && '' !== $names[ $agent_id ] ) {
			return $names[ $agent_id ];
		}
		/* translators: %d: LatePoint's number of the agent. */
		return sprintf( __( 'Agent %d', 'latesync-bridge' ), $agent_id );
	}
}
