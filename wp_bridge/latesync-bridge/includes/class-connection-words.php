<?php
/**
 * How a greeting went, and what was wrong with what was typed, in words that name the remedy.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/** Codes in, translated sentences out. */
final class LateSync_Bridge_Connection_Words {

	/** Clocks further apart than this are worth a word before messages are refused (at 300 s). */
	const CLOCKS_DIFFER_S = 60;

	/**
	 * How a greeting went: array( 'success' | 'warning' | 'error', sentences ).
	 *
	 * @param array $result From LateSync_Bridge_Greetings.
	 */
	public static function outcome( array $result ): array {
		if ( ! $result['ok'] ) {
			return array( 'error', self::failure( $result ) );
		}
		if ( ! LateSync_Bridge_Greetings::versions_fit() ) {
			return array( 'error', self::versions() );
		}
		if ( LateSync_Bridge_Greetings::serves_another_site( $result['home'] ) ) {
			return array( 'error', self::another_site( $result['home'] ) );
		}
		$doubts = self::doubts( $result );
		return array( $doubts ? 'warning' : 'success', implode( ' ', array_merge( array( self::fine( $result ) ), $doubts ) ) );
	}

	/**
	 * What was wrong with a connection string, an address or a secret.
	 *
	 * @param string $error A code of LateSync_Bridge_Connection_String, or 'secret_empty'.
	 */
	public static function bad_input( string $error ): string {
		$sentences = array(
			'empty'           => __( 'Paste the connection string first. You find it on LateSync’s page “WordPress”.', 'latesync-bridge' ),
			'not_ours'        => __( 'That is not a connection string: it must begin with “latesync:”. Copy it from LateSync’s page “WordPress”.', 'latesync-bridge' ),
			'damaged'         => __( 'The connection string is damaged, probably cut off. Copy all of it from LateSync’s page “WordPress” and paste it once more.', 'latesync-bridge' ),
			'incomplete'      => __( 'The connection string lacks a part. Copy it from LateSync’s page “WordPress” once more; if that does not help, update LateSync.', 'latesync-bridge' ),
			'address_empty'   => __( 'LateSync’s address was empty. It looks like https://sync.example.com.', 'latesync-bridge' ),
			'address_scheme'  => __( 'LateSync’s address must begin with https:// (or http:// inside your own network).', 'latesync-bridge' ),
			'address_shape'   => __( 'That is not an address. LateSync’s looks like https://sync.example.com.', 'latesync-bridge' ),
			'address_extra'   => __( 'LateSync’s address must have no user name, “?” or “#” in it. It looks like https://sync.example.com.', 'latesync-bridge' ),
			'address_foreign' => __( 'LateSync’s address has letters in it that servers do not understand. Write it as your registrar shows it, beginning with “xn--”.', 'latesync-bridge' ),
			'secret_empty'    => __( 'The secret was empty. It is the value of LATESYNC_BRIDGE_SECRET on LateSync’s server.', 'latesync-bridge' ),
		);
		return self::unchanged( $sentences[ $error ] ?? __( 'That cannot be used.', 'latesync-bridge' ) );
	}

	/**
	 * A sentence, and that it was not taken.
	 *
	 * @param string $sentence Why not.
	 */
	public static function unchanged( string $sentence ): string {
		return $sentence . ' ' . __( 'Nothing was changed.', 'latesync-bridge' );
	}

	/** That plugin and LateSync do not speak the same language. */
	public static function versions(): string {
		$theirs = (int) LateSync_Bridge_Settings::get( 'daemon_protocol', 0 );
		$name   = (string) LateSync_Bridge_Settings::get( 'daemon_version' );
		if ( $theirs > LATESYNC_BRIDGE_PROTOCOL ) {
			/* translators: 1: the plugin's version, 2: LateSync's version. */
			$text = __( 'This plugin (%1$s) is too old for LateSync %2$s. Update the plugin.', 'latesync-bridge' );
		} else {
			/* translators: 1: the plugin's version, 2: LateSync's version. */
			$text = __( 'This plugin (%1$s) is newer than LateSync %2$s understands. Update LateSync on its server.', 'latesync-bridge' );
		}
		return sprintf( $text, LATESYNC_BRIDGE_VERSION, $name );
	}

	/**
	 * Why there was no good answer, and what to do.
	 *
	 * @param array $result From LateSync_Bridge_Greetings.
	 */
	private static function failure( array $result ): string {
		$host      = (string) wp_parse_url( LateSync_Bridge_Settings::get( 'address' ), PHP_URL_HOST );
		$sentences = array(
			'not_connected'      => __( 'This site is not connected to LateSync yet. Paste the connection string under Settings.', 'latesync-bridge' ),
			/* translators: %s: a host name. */
			'dns'                => __( 'There is no server named %s, or this server cannot look names up. Check the address for a slip, and ask whoever looks after your domain whether the name is set up.', 'latesync-bridge' ),
			/* translators: %s: a host name. */
			'refused_connection' => __( 'The server %s is there, but nothing accepts connections at LateSync’s address. Check that LateSync runs, that the port is right and that a firewall lets this server through.', 'latesync-bridge' ),
			/* translators: %s: a host name. */
			'timeout'            => __( 'The server %s did not answer in time. Often a firewall swallows the request: let this server through. Otherwise check on LateSync’s server what keeps it busy.', 'latesync-bridge' ),
			/* translators: %s: a host name. */
			'tls'                => __( 'The encrypted connection to %s failed. Its certificate may have ended, be made for another name, or come from an authority this server does not know; or the address should begin with http://.', 'latesync-bridge' ),
			'signature'          => __( 'LateSync answers, but the secret is not the same on both sides. Copy the connection string from LateSync’s page “WordPress” once more and paste it under Settings.', 'latesync-bridge' ),
			'other_site'         => __( 'LateSync answers, but for another site. Copy the connection string anew from its page “WordPress” and paste it under Settings.', 'latesync-bridge' ),
			'replayed'           => __( 'LateSync says that it had this message before. Press “Test connection” once more; if it stays so, something between the two servers repeats requests.', 'latesync-bridge' ),
			'not_latesync'       => __( 'A web server answers at that address, but it is not LateSync. Check the address: it is the one under which LateSync’s own pages open.', 'latesync-bridge' ),
		);
		if ( 'clock' === $result['code'] ) {
			return self::clock( $result['seconds_off'] );
		}
		if ( ! isset( $sentences[ $result['code'] ] ) ) {
			return self::unclear( $result );
		}
		$text = sprintf( $sentences[ $result['code'] ], $host );
		/* translators: %s: a technical detail, for example "cURL error 60: certificate has expired". */
		return $text . ( in_array( $result['code'], array( 'tls', 'not_latesync' ), true ) ? ' ' . sprintf( __( '(In detail: %s)', 'latesync-bridge' ), $result['detail'] ) : '' );
	}

	/**
	 * An answer that says only that something went wrong.
	 *
	 * @param array $result From LateSync_Bridge_Greetings.
	 */
	private static function unclear( array $result ): string {
		if ( 0 === strpos( $result['detail'], 'HTTP 5' ) ) {
			/* translators: %s: a technical detail, for example "HTTP 502". */
			$text = __( 'A server answers at that address, but LateSync behind it does not work (%s). Check on LateSync’s server that LateSync runs; its log says more.', 'latesync-bridge' );
		} elseif ( 0 === strpos( $result['detail'], 'HTTP 4' ) ) {
			/* translators: %s: a technical detail, for example "HTTP 400 malformed". */
			$text = __( 'LateSync did not understand the plugin (%s). Update both to their newest versions.', 'latesync-bridge' );
		} elseif ( self::is_blocked() ) {
			$text = __( 'WordPress may not talk to other servers here: WP_HTTP_BLOCK_EXTERNAL is set in wp-config.php. Add LateSync’s host name to WP_ACCESSIBLE_HOSTS there.', 'latesync-bridge' );
		} elseif ( preg_match( '/cURL error (52|56)/', $result['detail'] ) && 0 === strpos( LateSync_Bridge_Settings::get( 'address' ), 'http:' ) ) {
			$text = __( 'The server closed the connection without an answer. Perhaps LateSync’s address begins with https:// instead of http://; correct it under Settings.', 'latesync-bridge' );
		} else {
			/* translators: %s: a technical detail. */
			$text = __( 'LateSync could not be reached (%s). Show this sentence to your hosting provider.', 'latesync-bridge' );
		}
		return sprintf( $text, $result['detail'] );
	}

	/** Whether the owner forbade WordPress LateSync's address. */
	private static function is_blocked(): bool {
		$http = new WP_Http();
		return (bool) $http->block_request( LateSync_Bridge_Settings::get( 'address' ) );
	}

	/**
	 * Clocks too far apart.
	 *
	 * @param int $seconds_off How far this server's clock is ahead; behind: negative.
	 */
	private static function clock( int $seconds_off ): string {
		if ( $seconds_off >= 0 ) {
			/* translators: %s: a number of seconds. */
			$text = __( 'This server’s clock is %s seconds ahead of LateSync’s.', 'latesync-bridge' );
		} else {
			/* translators: %s: a number of seconds. */
			$text = __( 'This server’s clock is %s seconds behind LateSync’s.', 'latesync-bridge' );
		}
		return sprintf( $text, number_format_i18n( abs( $seconds_off ) ) ) . ' '
			. __( 'Beyond 300 they do not accept each other’s messages. Let both servers set their clocks by the network (NTP); your hosting provider can do that for this one.', 'latesync-bridge' );
	}

	/**
	 * Another site's LateSync.
	 *
	 * @param string $home The home address it reads from its site's database.
	 */
	private static function another_site( string $home ): string {
		/* translators: 1: another site's address, 2: this site's address. */
		$text = __( 'That LateSync works for another site: %1$s. This one is %2$s. Paste the connection string of the LateSync that reads this site’s database. If this is a copy of the other site, disconnect it here.', 'latesync-bridge' );
		return sprintf( $text, $home, home_url() );
	}

	/**
	 * That all is well, with what an owner may want to tell.
	 *
	 * @param array $result From LateSync_Bridge_Greetings.
	 */
	private static function fine( array $result ): string {
		/* translators: 1: LateSync's version, 2: a number of milliseconds. */
		$text = __( 'The connection works. LateSync %1$s answered within %2$s ms.', 'latesync-bridge' );
		return sprintf( $text, $result['version'], number_format_i18n( ceil( 1000 * $result['seconds'] ) ) );
	}

	/**
	 * What is not as it should be although the connection works.
	 *
	 * @param array $result From LateSync_Bridge_Greetings.
	 * @return string[]
	 */
	private static function doubts( array $result ): array {
		$doubts = array();
		if ( '' === $result['home'] ) {
			$doubts[] = __( 'But LateSync cannot read this site’s database yet. Open LateSync, or run “latesync doctor” on its server: it says what is missing.', 'latesync-bridge' );
		}
		if ( $result['worker_late'] ) {
			$doubts[] = __( 'But its worker is not keeping up, so calendars lag behind. Check on LateSync’s server that “latesync worker” runs.', 'latesync-bridge' );
		}
		if ( abs( $result['seconds_off'] ) > self::CLOCKS_DIFFER_S ) {
			$doubts[] = self::clock( $result['seconds_off'] );
		}
		return $doubts;
	}
}
