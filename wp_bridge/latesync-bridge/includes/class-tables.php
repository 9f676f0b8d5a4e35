<?php
/**
 * The plugin's two tables in the site's database.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * LateSync writes them, the plugin reads them. Their shape must equal LateSync's latesync/latepoint/bridge_tables.py.
 */
class LateSync_Bridge_Tables {

	// 1: key agent_times only, as tables made by hand before the plugin; 2: key agent_ends too.
	const SCHEMA = 2;

	// Where CREATE is not granted, not every page view tries again.
	const TRY_AGAIN_S = 10 * MINUTE_IN_SECONDS;

	/**
	 * Brings tables up to date after an update, and for sites that come and go in a network.
	 */
	public static function register(): void {
		add_action( 'plugins_loaded', array( __CLASS__, 'upgrade' ) );
		// After WordPress itself (10 and 90) has made the new site's own tables.
		add_action( 'wp_initialize_site', array( __CLASS__, 'install_new_site' ), 200 );
		add_filter( 'wpmu_drop_tables', array( __CLASS__, 'add_to_dropped' ), 10, 2 );
	}

	/**
	 * The table of busy times.
	 */
	public static function busy(): string {
		global $wpdb;
		return $wpdb->prefix . 'latesync_busy';
	}

	/**
	 * The table of notices about agents' accounts.
	 */
	public static function accounts(): string {
		global $wpdb;
		return $wpdb->prefix . 'latesync_accounts';
	}

	/**
	 * Makes the tables, for each site when a network switches the plugin on.
	 *
	 * A large network's sites get theirs when each is next visited (upgrade()).
	 *
	 * @param bool $network_wide Whether for the whole network.
	 */
	public static function activate( $network_wide = false ): void {
		if ( ! is_multisite() || ! $network_wide ) {
			self::install();
			return;
		}
		if ( wp_is_large_network() ) {
			return;
		}
		$sites = get_sites(
			array(
				'fields'     => 'ids',
				'number'     => 0,
				'network_id' => get_current_network_id(),
			)
		);
		foreach ( $sites as $site ) {
			self::install_on( (int) $site );
		}
	}

	/**
	 * Makes the tables of a site that was just added, when the whole network has the plugin.
	 *
	 * @param WP_Site $site The new site.
	 */
	public static function install_new_site( $site ): void {
		$active = (array) get_site_option( 'active_sitewide_plugins', array() );
		if ( isset( $active[ plugin_basename( LATESYNC_BRIDGE_FILE ) ] ) ) {
			self::install_on( (int) $site->blog_id );
		}
	}

	/**
	 * Names our tables among those WordPress drops with a site of a network.
	 *
	 * @param string[] $tables  Names so far.
	 * @param int      $site_id The site that goes.
	 * @return string[]
	 */
	public static function add_to_dropped( $tables, $site_id ) {
		global $wpdb;
		if ( is_array( $tables ) ) {
			$prefix   = $wpdb->get_blog_prefix( (int) $site_id );
			$tables[] = $prefix . 'latesync_busy';
			$tables[] = $prefix . 'latesync_accounts';
		}
		return $tables;
	}

	/**
	 * Makes or changes the tables when the stored number is older than ours. Reads an autoloaded option otherwise.
	 */
	public static function upgrade(): void {
		if ( (int) LateSync_Bridge_Settings::get( 'schema', 0 ) >= self::SCHEMA || wp_installing() ) {
			return;
		}
		$tried_at = (int) LateSync_Bridge_Settings::get( 'schema_tried_at', 0 );
		if ( abs( time() - $tried_at ) >= self::TRY_AGAIN_S ) {
			self::install();
		}
	}

	/**
	 * Makes the tables, or adds what theirs lack; safe to repeat. A failure is noted as trouble `tables`.
	 */
	public static function install(): void {
		try {
			// Before the work: two requests at once, or one that dies half way, do not repeat it at every view.
			LateSync_Bridge_Settings::set( array( 'schema_tried_at' => time() ) );
			$refusal = self::create();
			if ( '' !== $refusal ) {
				LateSync_Bridge_Troubles::note( 'tables', $refusal );
				return;
			}
			LateSync_Bridge_Settings::set( array( 'schema' => self::SCHEMA ) );
			LateSync_Bridge_Troubles::clear( 'tables' );
			LateSync_Bridge_Troubles::clear( 'busy_table' );
		} catch ( Throwable $failure ) {
			LateSync_Bridge_Troubles::note( 'tables', get_class( $failure ) );
		}
	}

	/**
	 * Removes both tables and all they hold.
	 */
	public static function drop(): void {
		global $wpdb;
		foreach ( array( self::busy(), self::accounts() ) as $table ) {
			// phpcs:ignore WordPress.DB -- our own table's name.
			$wpdb->query( "DROP TABLE IF EXISTS `$table`" );
		}
	}

	/**
	 * Runs install() on another site of the network.
	 *
	 * @param int $site_id Which.
	 */
	private static function install_on( int $site_id ): void {
		switch_to_blog( $site_id );
		try {
			self::install();
		} finally {
			restore_current_blog();
		}
	}

	/**
	 * Creates or alters, then looks whether both can be read.
	 *
	 * @return string '' when they can, otherwise the short name of the one that cannot.
	 */
	private static function create(): string {
		global $wpdb;
		require_once ABSPATH . 'wp-admin/includes/upgrade.php';

		$suppressed = $wpdb->suppress_errors( true );
		try {
			dbDelta( self::definitions() );
			foreach ( self::columns() as $table => $columns ) {
				// phpcs:ignore WordPress.DB -- our own tables' names and columns.
				if ( false === $wpdb->query( "SELECT $columns FROM `$table` LIMIT 0" ) ) {
					return substr( $table, strlen( $wpdb->prefix ) );
				}
			}
			return '';
		} finally {
			$wpdb->suppress_errors( $suppressed );
		}
	}

	/**
	 * The columns each table must have.
	 *
	 * @return string[] Table's name => its columns as SQL.
	 */
	private static function columns(): array {
		return array(
			self::busy()     => 'id, agent_id, starts_at, ends_at',
			self::accounts() => 'agent_id, provider, state, consent_ends_at, message, updated_at',
		);
	}

	/**
	 * The definitions in the form dbDelta understands: one column or key a line, two blanks after PRIMARY KEY.
	 *
	 * All times are UTC. Two keys, because a range of dates can be cut short from either side: agent_times reads
	 * little when most rows lie after it, agent_ends when most lie before it; the optimizer picks per question.
	 *
	 * @return string[]
	 */
	private static function definitions(): array {
		$busy     = self::busy();
		$accounts = self::accounts();
		return array(
			"CREATE TABLE $busy (
				id char(32) NOT NULL,
				agent_id int(10) unsigned NOT NULL,
				starts_at datetime NOT NULL,
				ends_at datetime NOT NULL,
				PRIMARY KEY  (id),
				KEY agent_times (agent_id,starts_at,ends_at),
				KEY agent_ends (agent_id,ends_at,starts_at)
			) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4;",
			"CREATE TABLE $accounts (
				agent_id int(10) unsigned NOT NULL,
				provider varchar(32) NOT NULL,
				state varchar(32) NOT NULL,
				consent_ends_at datetime DEFAULT NULL,
				message varchar(255) NOT NULL DEFAULT '',
				updated_at datetime NOT NULL,
				PRIMARY KEY  (agent_id,provider)
			) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4;",
		);
	}
}
