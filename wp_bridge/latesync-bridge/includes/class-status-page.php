<?php
/**
 * The "LateSync" page: how every agent's calendar is doing, and the settings.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * For people who may manage_options. Under LatePoint's menu while LatePoint is active (latepoint.md §4.4), else under Settings.
 *
 * What the page says comes from the accounts table; the versions and last runs come from LateSync itself, which is
 * asked at most once a minute and waited for two seconds: without an answer the page stands all the same.
 */
final class LateSync_Bridge_Status_Page {

	const SLUG = 'latesync-bridge';

	/** Add menu, style and the actions of the page's buttons. */
	public static function register(): void {
		LateSync_Bridge_Greetings::register();
		// After LatePoint (10), so that its menu is there.
		add_action( 'admin_menu', array( __CLASS__, 'add_page' ), 30 );
		add_filter( 'latepoint_side_menu', array( __CLASS__, 'add_to_latepoint_menu' ), 20 );
		add_filter( 'plugin_action_links_' . plugin_basename( LATESYNC_BRIDGE_FILE ), array( __CLASS__, 'add_plugin_link' ) );
		add_action( 'admin_enqueue_scripts', array( __CLASS__, 'enqueue' ) );
		add_action( 'admin_post_latesync_bridge_open', array( __CLASS__, 'open' ) );
		add_action( 'admin_post_latesync_bridge_dismiss', array( __CLASS__, 'dismiss' ) );
		add_action( 'admin_post_latesync_bridge_repair', array( __CLASS__, 'repair' ) );
	}

	/**
	 * Where the page is.
	 *
	 * @param array $arguments Added to the query.
	 */
	public static function url( array $arguments = array() ): string {
		$file = LateSync_Bridge_Latepoint::is_active() ? 'admin.php' : 'options-general.php';
		return add_query_arg( $arguments, admin_url( $file . '?page=' . self::SLUG ) );
	}

	/** The page's place in WordPress' menu. */
	public static function add_page(): void {
		$parent = LateSync_Bridge_Latepoint::is_active() ? 'latepoint' : 'options-general.php';
		add_submenu_page( $parent, __( 'LateSync', 'latesync-bridge' ), __( 'LateSync', 'latesync-bridge' ), 'manage_options', self::SLUG, array( __CLASS__, 'render' ) );
	}

	/**
	 * LatePoint's screens hide WordPress' menu and show their own.
	 *
	 * @param mixed $menus LatePoint's items; they have id, label, icon and link.
	 * @return mixed
	 */
	public static function add_to_latepoint_menu( $menus ) {
		if ( is_array( $menus ) && current_user_can( 'manage_options' ) ) {
			$menus[] = array(
				'id'          => 'latesync',
				'label'       => __( 'LateSync', 'latesync-bridge' ),
				'icon'        => 'latepoint-icon latepoint-icon-refresh-cw',
				'link'        => self::url(),
				'show_notice' => LateSync_Bridge_Notices::is_waited_for( self::url() ),
			);
		}
		return $menus;
	}

	/**
	 * "Settings" beside the plugin in the list of plugins.
	 *
	 * @param mixed $links HTML links.
	 * @return array
	 */
	public static function add_plugin_link( $links ): array {
		$link = sprintf( '<a href="%s">%s</a>', esc_url( LateSync_Bridge_Settings_Page::url() ), esc_html__( 'Settings', 'latesync-bridge' ) );
		return array_merge( array( $link ), (array) $links );
	}

	/** The style, on our own two pages only. */
	public static function enqueue(): void {
		// phpcs:ignore WordPress.Security.NonceVerification.Recommended -- Compared, nothing else.
		$page = isset( $_GET['page'] ) ? sanitize_key( $_GET['page'] ) : '';
		if ( in_array( $page, array( self::SLUG, LateSync_Bridge_My_Calendar::SLUG ), true ) ) {
			wp_enqueue_style( 'latesync-bridge', plugins_url( 'assets/admin.css', LATESYNC_BRIDGE_FILE ), array(), LATESYNC_BRIDGE_VERSION );
		}
	}

	/** Print the page. */
	public static function render(): void {
		if ( ! current_user_can( 'manage_options' ) ) {
			LateSync_Bridge_Forms::refuse();
		}
		// phpcs:ignore WordPress.Security.NonceVerification.Recommended -- Chooses what to show.
		$wants_settings = isset( $_GET['tab'] ) && 'settings' === $_GET['tab'];
		$is_connected   = LateSync_Bridge_Settings::is_connected();
		echo '<div class="wrap latesync-bridge"><h1>' . esc_html__( 'LateSync', 'latesync-bridge' ) . '</h1>';
		self::render_tabs( $wants_settings );
		LateSync_Bridge_Forms::print_result();
		if ( $wants_settings ) {
			LateSync_Bridge_Settings_Page::render();
		} else {
			self::render_overview( $is_connected );
		}
		echo '</div>';
	}

	/** Send the owner, signed in, to LateSync. */
	public static function open(): void {
		LateSync_Bridge_Forms::check( 'open', 'manage_options' );
		if ( ! LateSync_Bridge_Settings::is_connected() ) {
			LateSync_Bridge_Forms::back( LateSync_Bridge_Settings_Page::url() );
		}
		LateSync_Bridge_Link::follow( LateSync_Bridge_Link::to_owner() );
	}

	/** Forget a trouble. */
	public static function dismiss(): void {
		LateSync_Bridge_Forms::check( 'dismiss', 'manage_options' );
		LateSync_Bridge_Troubles::clear( LateSync_Bridge_Forms::posted( 'code' ) );
		LateSync_Bridge_Forms::back( self::url() );
	}

	/** Make the tables that are missing. */
	public static function repair(): void {
		LateSync_Bridge_Forms::check( 'repair', 'manage_options' );
		LateSync_Bridge_Tables::install();
		if ( null === LateSync_Bridge_Accounts::all() || ! LateSync_Bridge_Accounts::is_busy_table_there() ) {
			LateSync_Bridge_Forms::back( self::url(), 'error', LateSync_Bridge_Trouble_Words::sentence( 'tables' ) );
		}
		LateSync_Bridge_Forms::back( self::url(), 'success', __( 'The tables are there. LateSync fills them within a few minutes.', 'latesync-bridge' ) );
	}

	/**
	 * Overview and Settings.
	 *
	 * @param bool $on_settings Which one is shown.
	 */
	private static function render_tabs( bool $on_settings ): void {
		$tabs = array(
			array( self::url(), __( 'Overview', 'latesync-bridge' ), ! $on_settings ),
			array( LateSync_Bridge_Settings_Page::url(), __( 'Settings', 'latesync-bridge' ), $on_settings ),
		);
		echo '<nav class="nav-tab-wrapper" aria-label="' . esc_attr__( 'LateSync', 'latesync-bridge' ) . '">';
		foreach ( $tabs as list( $url, $label, $is_shown ) ) {
			printf( '<a href="%s" class="nav-tab%s"%s>%s</a>', esc_url( $url ), $is_shown ? ' nav-tab-active' : '', $is_shown ? ' aria-current="page"' : '', esc_html( $label ) );
		}
		echo '</nav>';
	}

	/**
	 * Everything about the agents.
	 *
	 * @param bool $is_connected Whether LateSync's address and secret are known.
	 */
	private static function render_overview( bool $is_connected ): void {
		$now      = time();
		$accounts = LateSync_Bridge_Accounts::all();
		$greeting = $is_connected ? LateSync_Bridge_Greetings::recent() : array();
		self::render_warnings( $accounts, $greeting );
		if ( $is_connected ) {
			if ( null !== $accounts ) {
				self::render_report( $accounts, $now );
			}
			self::render_way_in( $now );
		}
		// Before anything is connected a list of "never" would say nothing.
		if ( null !== $accounts && ( $accounts || $is_connected ) ) {
			LateSync_Bridge_Status_Table::render( $accounts, $greeting, $now );
		}
		self::render_troubles( $now );
		self::render_versions( $greeting );
	}

	/**
	 * What the owner should know before reading on.
	 *
	 * @param array[]|null $accounts All accounts.
	 * @param array        $greeting LateSync's answer; empty when it was not asked.
	 */
	private static function render_warnings( ?array $accounts, array $greeting ): void {
		if ( ! LateSync_Bridge_Latepoint::is_active() ) {
			LateSync_Bridge_Forms::notice( 'warning', __( 'LatePoint is not active on this site. LateSync Bridge works together with it: activate LatePoint.', 'latesync-bridge' ) );
		}
		if ( LateSync_Bridge_Home::is_copy() ) {
			printf(
				'<div class="notice notice-warning inline"><p>%s</p><p><a class="button button-primary" href="%s">%s</a></p></div>',
				esc_html( LateSync_Bridge_Home::sentence() ),
				esc_url( LateSync_Bridge_Settings_Page::url() ),
				esc_html__( 'Answer', 'latesync-bridge' )
			);
		} elseif ( ! $greeting ) {
			printf(
				'<div class="notice notice-info inline"><p>%s</p><p><a class="button button-primary" href="%s">%s</a></p></div>',
				esc_html__( 'This site is not connected to LateSync yet.', 'latesync-bridge' ),
				esc_url( LateSync_Bridge_Settings_Page::url() ),
				esc_html__( 'Connect', 'latesync-bridge' )
			);
		} else {
			list( $level, $text ) = LateSync_Bridge_Connection_Words::outcome( $greeting );
			if ( 'success' !== $level ) {
				$text .= $greeting['ok'] ? '' : ' ' . __( 'What stands below is what LateSync wrote down here before.', 'latesync-bridge' );
				LateSync_Bridge_Forms::notice( $level, $text );
			}
		}
		if ( null === $accounts || ! LateSync_Bridge_Accounts::is_busy_table_there() ) {
			echo '<div class="notice notice-error inline" role="alert"><p>' . esc_html__( 'A table of this plugin is missing or cannot be read, so busy time may close no slots and nothing is known of the agents.', 'latesync-bridge' ) . '</p>';
			LateSync_Bridge_Forms::button( 'repair', __( 'Create the tables', 'latesync-bridge' ) );
			echo '</div>';
		}
		foreach ( LateSync_Bridge_Official_Addons::warnings( (array) $accounts ) as $text ) {
			LateSync_Bridge_Forms::notice( 'warning', $text );
		}
	}

	/**
	 * The button that opens LateSync, and what the owner should know before pressing it. One that cannot work is not offered.
	 *
	 * @param int $now Unix seconds.
	 */
	private static function render_way_in( int $now ): void {
		$standing = LateSync_Bridge_Standing::now();
		$doubt    = LateSync_Bridge_Standing::for_owner( $standing, $now );
		if ( LateSync_Bridge_Standing::STRANGER === $standing[0] ) {
			LateSync_Bridge_Forms::doubt( $doubt );
			printf(
				'<p><a class="button button-primary button-hero" href="%s">%s</a></p>',
				esc_url( LateSync_Bridge_Settings_Page::url() ),
				esc_html__( 'Paste the connection string', 'latesync-bridge' )
			);
			return;
		}
		LateSync_Bridge_Forms::button( 'open', __( 'Open LateSync', 'latesync-bridge' ), 'button button-primary button-hero' );
		LateSync_Bridge_Forms::doubt( $doubt );
		/* translators: %s: LateSync's address, for example "sync.example.com". */
		$text = __( 'Takes you to %s as the owner, without another password.', 'latesync-bridge' );
		echo '<p class="description">' . esc_html( sprintf( $text, LateSync_Bridge_Link::place() ) ) . '</p>';
	}

	/**
	 * When LateSync last said anything about the agents.
	 *
	 * @param array[] $accounts All accounts.
	 * @param int     $now      Unix seconds.
	 */
	private static function render_report( array $accounts, int $now ): void {
		$reported = LateSync_Bridge_Accounts::last_report( $accounts );
		if ( null === $reported ) {
			$text = __( 'LateSync has not reported anything about agents yet. It does so as soon as the first one has signed in.', 'latesync-bridge' );
		} else {
			/* translators: 1: distance such as "2 minutes ago", 2: date and time. */
			$text = sprintf( __( 'LateSync last reported %1$s (%2$s).', 'latesync-bridge' ), LateSync_Bridge_Words::distance( $reported, $now ), LateSync_Bridge_Words::moment( $reported ) );
			if ( $now - $reported > LateSync_Bridge_Accounts::SILENT_AFTER_S ) {
				LateSync_Bridge_Forms::notice( 'warning', $text . ' ' . __( 'What stands below may be out of date. Check that LateSync runs on its server.', 'latesync-bridge' ) );
				return;
			}
		}
		echo '<p class="latesync-lead">' . esc_html( $text ) . '</p>';
	}

	/**
	 * For whoever helps: which versions work together here.
	 *
	 * @param array $greeting LateSync's answer; empty when it was not asked.
	 */
	private static function render_versions( array $greeting ): void {
		$theirs = (string) LateSync_Bridge_Settings::get( 'daemon_version' );
		/* translators: 1: the plugin's version, 2: LateSync's version or "not known", 3: LatePoint's version or "not known". */
		$text    = __( 'LateSync Bridge %1$s · LateSync %2$s · LatePoint %3$s', 'latesync-bridge' );
		$unknown = __( '(not known)', 'latesync-bridge' );
		$theirs  = ! $greeting || '' === $theirs ? $unknown : $theirs;
		$version = LateSync_Bridge_Latepoint::version();
		echo '<p class="description latesync-versions">' . esc_html( sprintf( $text, LATESYNC_BRIDGE_VERSION, $theirs, '' === $version ? $unknown : $version ) ) . '</p>';
	}

	/**
	 * What went wrong in the background, each with a button to forget it.
	 *
	 * @param int $now Unix seconds.
	 */
	private static function render_troubles( int $now ): void {
		$troubles = LateSync_Bridge_Troubles::all();
		if ( ! $troubles ) {
			return;
		}
		echo '<h2>' . esc_html__( 'What went wrong lately', 'latesync-bridge' ) . '</h2><ul class="latesync-troubles">';
		foreach ( $troubles as $code => $trouble ) {
			$sentence = LateSync_Bridge_Trouble_Words::sentence( (string) $code );
			/* translators: 1: date and time, 2: distance such as "2 minutes ago". */
			$when = sprintf( __( '%1$s (%2$s)', 'latesync-bridge' ), LateSync_Bridge_Words::moment( $trouble['at'] ), LateSync_Bridge_Words::distance( $trouble['at'], $now ) );
			echo '<li><p>' . esc_html( $sentence ) . '<br><span class="description">' . esc_html( $when ) . '</span> ';
			echo '<small class="latesync-code">' . esc_html( LateSync_Bridge_Trouble_Words::code( (string) $code, $trouble['detail'] ) ) . '</small></p>';
			/* translators: %s: what went wrong. */
			$meant = sprintf( __( 'Dismiss: %s', 'latesync-bridge' ), $sentence );
			LateSync_Bridge_Forms::button( 'dismiss', __( 'Dismiss', 'latesync-bridge' ), 'button button-small', array( 'code' => (string) $code ), $meant );
			echo '</li>';
		}
		echo '</ul>';
	}
}
