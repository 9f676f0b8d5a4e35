<?php
/**
 * "My calendar": an agent's own state, and their way to LateSync.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * A page in WordPress' menu for people whose login is an active LatePoint agent (latepoint.md §4.3), a shortcut to it
 * in LatePoint's own menu (§4.4) and on the profile page.
 */
final class LateSync_Bridge_My_Calendar {

	const SLUG = 'latesync-my-calendar';

	/** Add menu, shortcuts and the button's action. */
	public static function register(): void {
		add_action( 'admin_menu', array( __CLASS__, 'add_page' ) );
		add_filter( 'latepoint_side_menu', array( __CLASS__, 'add_to_latepoint_menu' ), 20 );
		add_action( 'show_user_profile', array( __CLASS__, 'render_shortcut' ) );
		add_action( 'admin_post_latesync_bridge_open_own', array( __CLASS__, 'open' ) );
	}

	/** Where the page is. */
	public static function url(): string {
		return admin_url( 'admin.php?page=' . self::SLUG );
	}

	/**
	 * Numbers of the agents who sign in as the person at the browser; asked once a request.
	 *
	 * @return int[]
	 */
	public static function own_agent_ids(): array {
		static $by_user = array();
		$user_id        = get_current_user_id();
		if ( ! isset( $by_user[ $user_id ] ) ) {
			$by_user[ $user_id ] = $user_id > 0 ? LateSync_Bridge_Latepoint::agent_ids_of_user( $user_id ) : array();
		}
		return $by_user[ $user_id ];
	}

	/** Only agents see it. */
	public static function add_page(): void {
		if ( self::own_agent_ids() ) {
			$title = __( 'My calendar', 'latesync-bridge' );
			add_menu_page( $title, $title, 'read', self::SLUG, array( __CLASS__, 'render' ), 'dashicons-calendar-alt', 3 );
		}
	}

	/**
	 * LatePoint's screens hide WordPress' menu and show their own.
	 *
	 * @param mixed $menus LatePoint's items; they have id, label, icon and link.
	 * @return mixed
	 */
	public static function add_to_latepoint_menu( $menus ) {
		if ( is_array( $menus ) && self::own_agent_ids() ) {
			$menus[] = array(
				'id'          => 'latesync_my_calendar',
				'label'       => __( 'My calendar', 'latesync-bridge' ),
				'icon'        => 'latepoint-icon latepoint-icon-calendar',
				'link'        => self::url(),
				'show_notice' => LateSync_Bridge_Notices::is_waited_for( self::url() ),
			);
		}
		return $menus;
	}

	/** Print the page. */
	public static function render(): void {
		$own = self::own_agent_ids();
		if ( ! $own || ! current_user_can( 'read' ) ) {
			LateSync_Bridge_Forms::refuse();
		}
		echo '<div class="wrap latesync-bridge"><h1>' . esc_html__( 'My calendar', 'latesync-bridge' ) . '</h1>';
		LateSync_Bridge_Forms::print_result();
		echo '<p class="latesync-lead">' . esc_html__( 'Your bookings appear in your own calendar, and whatever else is in it is no longer offered to customers.', 'latesync-bridge' ) . '</p>';
		if ( ! LateSync_Bridge_Settings::is_connected() ) {
			LateSync_Bridge_Forms::notice( 'info', __( 'This site is not connected to LateSync yet. Ask its administrator to open LateSync → Settings.', 'latesync-bridge' ) );
		}
		self::render_agents( $own );
		echo '</div>';
	}

	/** A sentence and a button at the end of the agent's profile. */
	public static function render_shortcut(): void {
		if ( ! self::own_agent_ids() ) {
			return;
		}
		echo '<h2>' . esc_html__( 'My calendar', 'latesync-bridge' ) . '</h2><p>';
		echo esc_html__( 'LateSync keeps your own calendar and your bookings in step.', 'latesync-bridge' );
		printf( '</p><p><a class="button" href="%s">%s</a></p>', esc_url( self::url() ), esc_html__( 'Open My calendar', 'latesync-bridge' ) );
	}

	/** Send the agent, signed in, to their page of LateSync. */
	public static function open(): void {
		LateSync_Bridge_Forms::check( 'open_own', 'read' );
		$agent_id = (int) LateSync_Bridge_Forms::posted( 'agent' );
		if ( ! in_array( $agent_id, self::own_agent_ids(), true ) ) {
			LateSync_Bridge_Forms::refuse();
		}
		if ( ! LateSync_Bridge_Settings::is_connected() ) {
			LateSync_Bridge_Forms::back( self::url() );
		}
		LateSync_Bridge_Link::follow( LateSync_Bridge_Link::to_agent( $agent_id ) );
	}

	/**
	 * A card for each agent who signs in as this person; nearly always one.
	 *
	 * @param int[] $own Their numbers.
	 */
	private static function render_agents( array $own ): void {
		$accounts = LateSync_Bridge_Accounts::all();
		if ( null === $accounts ) {
			LateSync_Bridge_Forms::notice( 'warning', __( 'The state of your calendar cannot be read at the moment. Your button below works all the same.', 'latesync-bridge' ) );
		}
		$names = array_column( LateSync_Bridge_Latepoint::agents(), 'name', 'id' );
		foreach ( $own as $agent_id ) {
			$theirs = LateSync_Bridge_Accounts::of( (array) $accounts, array( $agent_id ) );
			echo '<div class="card latesync-card">';
			if ( count( $own ) > 1 ) {
				echo '<h2>' . esc_html( LateSync_Bridge_Words::agent( $agent_id, $names ) ) . '</h2>';
			}
			if ( null !== $accounts ) {
				self::render_accounts( $theirs );
			}
			self::render_button( $agent_id, $theirs );
			echo '</div>';
		}
	}

	/**
	 * State, end of the consent and message of each account.
	 *
	 * @param array[] $accounts The agent's.
	 */
	private static function render_accounts( array $accounts ): void {
		$now = time();
		if ( ! $accounts ) {
			echo '<p>';
			LateSync_Bridge_Words::print_state( null, $now );
			echo '</p>';
		}
		if ( ! $accounts && LateSync_Bridge_Settings::is_connected() ) {
			echo '<p>' . esc_html__( 'Sign in with your calendar’s account once; it takes a minute.', 'latesync-bridge' ) . '</p>';
		}
		foreach ( $accounts as $account ) {
			echo '<p><strong>' . esc_html( LateSync_Bridge_Words::provider( $account['provider'] ) ) . '</strong> ';
			LateSync_Bridge_Words::print_state( $account, $now );
			echo '</p>';
			if ( null !== $account['consent_ends_at'] ) {
				if ( $account['consent_ends_at'] > $now ) {
					/* translators: %s: date, time and distance, for example "28 November 2026 14:00 (in 3 days)". */
					$text = __( 'Your sign-in lasts until %s.', 'latesync-bridge' );
				} else {
					/* translators: %s: date, time and distance, for example "28 November 2026 14:00 (2 days ago)". */
					$text = __( 'Your sign-in ended on %s.', 'latesync-bridge' );
				}
				$text = sprintf( $text, LateSync_Bridge_Words::consent_end( $account, $now ) );
				if ( LateSync_Bridge_Accounts::ends_soon( $account, $now ) ) {
					$text .= ' ' . __( 'Sign in again before, and nothing is interrupted.', 'latesync-bridge' );
				}
				echo '<p>' . esc_html( $text ) . '</p>';
			}
			if ( '' !== $account['message'] ) {
				echo '<p>' . esc_html( $account['message'] ) . '</p>';
			}
		}
	}

	/**
	 * The one big button, and what it does.
	 *
	 * @param int     $agent_id The agent.
	 * @param array[] $accounts Theirs.
	 */
	private static function render_button( int $agent_id, array $accounts ): void {
		if ( ! LateSync_Bridge_Settings::is_connected() ) {
			return;
		}
		LateSync_Bridge_Forms::button( 'open_own', self::label( $accounts ), 'button button-primary button-hero', array( 'agent' => (string) $agent_id ) );
		LateSync_Bridge_Forms::doubt( LateSync_Bridge_Standing::for_agent( LateSync_Bridge_Standing::now(), time() ) );
		/* translators: %s: LateSync's address, for example "sync.example.com". */
		$text = __( 'This takes you to LateSync (%s). You need no other password there.', 'latesync-bridge' );
		echo '<p class="description">' . esc_html( sprintf( $text, LateSync_Bridge_Link::place() ) ) . '</p>';
	}

	/**
	 * What the button says.
	 *
	 * @param array[] $accounts The agent's.
	 */
	private static function label( array $accounts ): string {
		foreach ( $accounts as $account ) {
			if ( LateSync_Bridge_Accounts::needs_sign_in( $account ) || LateSync_Bridge_Accounts::ends_soon( $account, time() ) ) {
				return __( 'Sign in again', 'latesync-bridge' );
			}
		}
		return in_array( LateSync_Bridge_Accounts::CONNECTED, array_column( $accounts, 'state' ), true )
			? __( 'Open my calendar settings', 'latesync-bridge' )
			: __( 'Connect my calendar', 'latesync-bridge' );
	}
}
