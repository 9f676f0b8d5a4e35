<?php
/**
 * Notices in WP admin for the people who can act.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * One notice that sums up: agents are told about themselves, people who may manage_options about all.
 *
 * Shown on the dashboard, the plugins and profile screens; our pages say the same in full. LatePoint's pages hide notices:
 * there the item of its menu that leads to the remedy is marked. A concern is an array { key, level:
 * 'error'|'warning'|'info', text, url, link, can_wait: bool }; the key changes with what it is about, so that a put-off
 * concern does not hide a new one.
 */
final class LateSync_Bridge_Notices {

	/** User meta: key of a concern => Unix seconds until which this person does not want to see it. */
	const META = 'latesync_bridge_quiet';

	const QUIET_S = DAY_IN_SECONDS;

	/** Add the hooks. */
	public static function register(): void {
		add_action( 'admin_notices', array( __CLASS__, 'render' ) );
		add_action( 'admin_post_latesync_bridge_later', array( __CLASS__, 'put_off' ) );
	}

	/** Print the notice, if there is anything to say here. */
	public static function render(): void {
		if ( ! self::is_shown_here() ) {
			return;
		}
		$concerns = self::not_put_off( self::concerns( time() ), time() );
		if ( ! $concerns ) {
			return;
		}
		$levels = array_column( $concerns, 'level' );
		$level  = in_array( 'error', $levels, true ) ? 'error' : $levels[0];
		printf( '<div class="notice notice-%s"><p><strong>%s</strong></p>', esc_attr( $level ), esc_html__( 'LateSync', 'latesync-bridge' ) );
		foreach ( $concerns as $concern ) {
			printf( '<p>%s <a href="%s">%s</a></p>', esc_html( $concern['text'] ), esc_url( $concern['url'] ), esc_html( $concern['link'] ) );
		}
		self::render_put_off( $concerns );
		echo '</div>';
	}

	/**
	 * Whether one of our pages waits for this person, for a mark in LatePoint's menu.
	 *
	 * @param string $url The page's.
	 */
	public static function is_waited_for( string $url ): bool {
		return in_array( $url, array_column( self::not_put_off( self::concerns( time() ), time() ), 'url' ), true );
	}

	/** Keep quiet for a day about what was shown. */
	public static function put_off(): void {
		LateSync_Bridge_Forms::check( 'later', 'read' );
		$now   = time();
		$quiet = array_filter(
			self::quiet(),
			static function ( $until ) use ( $now ) {
				return $until > $now;
			}
		);
		foreach ( array_slice( explode( ' ', LateSync_Bridge_Forms::posted( 'concerns' ) ), 0, 20 ) as $key ) {
			if ( preg_match( '/^[a-z_]{1,20}(-[0-9a-f]{8})?$/', $key ) ) {
				$quiet[ $key ] = $now + self::QUIET_S;
			}
		}
		update_user_meta( get_current_user_id(), self::META, array_slice( $quiet, -50, null, true ) );
		$back = wp_get_referer();
		LateSync_Bridge_Forms::back( $back ? $back : admin_url() );
	}

	/** Not on every screen, only where people look after the site. */
	private static function is_shown_here(): bool {
		return in_array( self::screen(), array( 'dashboard', 'plugins', 'profile' ), true );
	}

	/** WordPress' name of the screen; '' where there is none. */
	private static function screen(): string {
		$screen = function_exists( 'get_current_screen' ) ? get_current_screen() : null;
		return null === $screen ? '' : $screen->base;
	}

	/**
	 * Everything this person can do something about.
	 *
	 * @param int $now Unix seconds.
	 * @return array[]
	 */
	private static function concerns( int $now ): array {
		$may_manage = current_user_can( 'manage_options' );
		$own        = LateSync_Bridge_My_Calendar::own_agent_ids();
		if ( ! $may_manage && ! $own ) {
			return array();
		}
		if ( LateSync_Bridge_Home::is_copy() ) {
			$link = __( 'Answer', 'latesync-bridge' );
			return $may_manage ? array( self::concern( 'copy', 'warning', LateSync_Bridge_Home::sentence(), LateSync_Bridge_Settings_Page::url(), $link ) ) : array();
		}
		if ( ! LateSync_Bridge_Settings::is_connected() ) {
			return $may_manage ? self::not_connected() : array();
		}
		$accounts = LateSync_Bridge_Accounts::all();
		$concerns = self::own_concerns( LateSync_Bridge_Accounts::of( (array) $accounts, $own ), $now );
		return $may_manage ? array_merge( $concerns, self::owner_concerns( $accounts, $own, $now ) ) : $concerns;
	}

	/** The plugin alone does nothing yet; said where it was just activated. */
	private static function not_connected(): array {
		if ( 'plugins' !== self::screen() ) {
			return array();
		}
		$text = __( 'LateSync Bridge is active, but this site is not connected to LateSync yet.', 'latesync-bridge' );
		return array( self::concern( 'not_connected', 'info', $text, LateSync_Bridge_Settings_Page::url(), __( 'Connect', 'latesync-bridge' ) ) );
	}

	/**
	 * What an agent should do about their own calendar.
	 *
	 * @param array[] $accounts Theirs.
	 * @param int     $now      Unix seconds.
	 */
	private static function own_concerns( array $accounts, int $now ): array {
		foreach ( $accounts as $account ) {
			if ( LateSync_Bridge_Accounts::needs_sign_in( $account ) ) {
				$text = __( 'Your calendar and your bookings are no longer kept in step: you must sign in again.', 'latesync-bridge' );
				return array( self::concern( 'own_sign_in', 'error', $text, LateSync_Bridge_My_Calendar::url(), __( 'Sign in again', 'latesync-bridge' ) ) );
			}
		}
		foreach ( $accounts as $account ) {
			if ( LateSync_Bridge_Accounts::ends_soon( $account, $now ) ) {
				/* translators: %s: date, time and distance, for example "28 November 2026 14:00 (in 2 days)". */
				$text = sprintf( __( 'Your calendar’s sign-in ends on %s. Sign in again before, and nothing is interrupted.', 'latesync-bridge' ), LateSync_Bridge_Words::consent_end( $account, $now ) );
				return array( self::concern( 'own_ends', 'warning', $text, LateSync_Bridge_My_Calendar::url(), __( 'My calendar', 'latesync-bridge' ) ) );
			}
		}
		return array();
	}

	/**
	 * What an administrator should see to.
	 *
	 * @param array[]|null $accounts All accounts; null when they cannot be read.
	 * @param int[]        $own      Agents the administrator is; they are told of these already.
	 * @param int          $now      Unix seconds.
	 */
	private static function owner_concerns( ?array $accounts, array $own, int $now ): array {
		$page     = LateSync_Bridge_Status_Page::url();
		$details  = __( 'Details', 'latesync-bridge' );
		$concerns = array();
		if ( null === $accounts || ! LateSync_Bridge_Accounts::is_busy_table_there() ) {
			$concerns[] = self::concern( 'tables', 'error', __( 'A table of the plugin is missing, so busy time may close no slots.', 'latesync-bridge' ), $page, __( 'Create the tables', 'latesync-bridge' ), false );
		}
		$troubles = LateSync_Bridge_Troubles::all();
		if ( isset( $troubles['latepoint_shape'] ) ) {
			$text       = LateSync_Bridge_Trouble_Words::sentence( 'latepoint_shape' );
			$concerns[] = self::concern( 'latepoint_shape', 'error', $text, $page, $details, false );
		}
		if ( ! LateSync_Bridge_Greetings::versions_fit() ) {
			$concerns[] = self::concern( 'versions', 'error', LateSync_Bridge_Connection_Words::versions(), $page, $details, false );
		}
		$reported = LateSync_Bridge_Accounts::last_report( (array) $accounts );
		if ( null !== $reported && $now - $reported > LateSync_Bridge_Accounts::SILENT_AFTER_S ) {
			/* translators: 1: distance such as "2 hours ago", 2: date and time. */
			$text       = sprintf( __( 'LateSync last reported %1$s (%2$s), so calendars may be out of step. Check that LateSync runs on its server.', 'latesync-bridge' ), LateSync_Bridge_Words::distance( $reported, $now ), LateSync_Bridge_Words::moment( $reported ) );
			$concerns[] = self::concern( 'silent', 'warning', $text, $page, $details );
		}
		return array_merge( $concerns, self::about_agents( (array) $accounts, $own, $now ) );
	}

	/**
	 * Which agents must sign in, now or within two days, for an administrator.
	 *
	 * @param array[] $accounts All accounts.
	 * @param int[]   $own      Agents the administrator is.
	 * @param int     $now      Unix seconds.
	 */
	private static function about_agents( array $accounts, array $own, int $now ): array {
		$signed_out = array();
		$ending     = array();
		foreach ( $accounts as $account ) {
			if ( in_array( $account['agent_id'], $own, true ) ) {
				continue;
			}
			if ( LateSync_Bridge_Accounts::needs_sign_in( $account ) ) {
				$signed_out[] = $account['agent_id'];
			} elseif ( LateSync_Bridge_Accounts::ends_soon( $account, $now ) ) {
				$ending[] = $account['agent_id'];
			}
		}
		/* translators: %s: names of agents. */
		$text     = __( 'Must sign in to their calendar again: %s. Until then their calendars and bookings are not in step.', 'latesync-bridge' );
		$concerns = self::naming( 'sign_in', 'error', $text, $signed_out );
		/* translators: %s: names of agents. */
		$text = __( 'Sign-in ends within two days: %s. They should sign in again before.', 'latesync-bridge' );
		return array_merge( $concerns, self::naming( 'ends', 'warning', $text, $ending ) );
	}

	/**
	 * A concern about some agents, by name; none without agents.
	 *
	 * @param string $kind      The key's beginning.
	 * @param string $level     See the class.
	 * @param string $text      With %s for the names.
	 * @param int[]  $agent_ids Whom it is about.
	 */
	private static function naming( string $kind, string $level, string $text, array $agent_ids ): array {
		if ( ! $agent_ids ) {
			return array();
		}
		$agent_ids = array_values( array_unique( $agent_ids ) );
		$known     = array_column( LateSync_Bridge_Latepoint::agents(), 'name', 'id' );
		$names     = array();
		foreach ( $agent_ids as $agent_id ) {
			$names[] = LateSync_Bridge_Words::agent( $agent_id, $known );
		}
		$key = $kind . '-' . hash( 'crc32b', implode( ',', $agent_ids ) );
		return array( self::concern( $key, $level, sprintf( $text, LateSync_Bridge_Words::names( $names ) ), LateSync_Bridge_Status_Page::url(), __( 'Details', 'latesync-bridge' ) ) );
	}

	/**
	 * One concern; see the class.
	 *
	 * @param string $key      What it is about.
	 * @param string $level    How bad.
	 * @param string $text     A sentence with the remedy.
	 * @param string $url      Where to act.
	 * @param string $link     What the link says.
	 * @param bool   $can_wait Whether it may be put off for a day.
	 */
	private static function concern( string $key, string $level, string $text, string $url, string $link, bool $can_wait = true ): array {
		return array(
			'key'      => $key,
			'level'    => $level,
			'text'     => $text,
			'url'      => $url,
			'link'     => $link,
			'can_wait' => $can_wait,
		);
	}

	/**
	 * Leave out what this person put off.
	 *
	 * @param array[] $concerns All.
	 * @param int     $now      Unix seconds.
	 */
	private static function not_put_off( array $concerns, int $now ): array {
		$quiet    = self::quiet();
		$is_shown = static function ( $concern ) use ( $quiet, $now ) {
			return ! $concern['can_wait'] || ( $quiet[ $concern['key'] ] ?? 0 ) <= $now;
		};
		return array_values( array_filter( $concerns, $is_shown ) );
	}

	/** What this person put off: key => until when. */
	private static function quiet(): array {
		$quiet = get_user_meta( get_current_user_id(), self::META, true );
		return is_array( $quiet ) ? array_map( 'intval', $quiet ) : array();
	}

	/**
	 * The button that puts off what can wait.
	 *
	 * @param array[] $concerns As shown.
	 */
	private static function render_put_off( array $concerns ): void {
		$keys = array_column( wp_list_filter( $concerns, array( 'can_wait' => true ) ), 'key' );
		if ( $keys ) {
			echo '<div style="margin-bottom:.6em">';
			LateSync_Bridge_Forms::button( 'later', __( 'Remind me tomorrow', 'latesync-bridge' ), 'button-link', array( 'concerns' => implode( ' ', $keys ) ) );
			echo '</div>';
		}
	}
}
