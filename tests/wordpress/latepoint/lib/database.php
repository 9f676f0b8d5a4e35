<?php
/**
 * The tables (latepoint.md §1), made by dbDelta: columns are added, none is ever removed.
 *
 * @package LatePoint_Standin
 */

defined( 'ABSPATH' ) || exit;

class LatePoint_Standin_Database {

	const SCHEMA_VERSIONS = array(
		'4.9.91' => '1.4.92',
		'5.6.5'  => '2.3.1',
	);

	const STAMPS = array( 'created_at' => 'datetime', 'updated_at' => 'datetime' );

	const META = array(
		'object_id'  => 'mediumint(9) NOT NULL',
		'meta_key'   => 'varchar(110) NOT NULL',
		'meta_value' => 'text',
	);

	/**
	 * Constants LATEPOINT_TABLE_<NAME>: the names with this site's prefix.
	 */
	public static function define_tables() {
		global $wpdb;
		foreach ( array_keys( self::tables() ) as $name ) {
			define( 'LATEPOINT_TABLE_' . strtoupper( $name ), $wpdb->prefix . 'latepoint_' . $name );
		}
	}

	public static function upgrade() {
		if ( get_option( 'latepoint_db_version' ) !== self::schema_version() ) {
			self::install();
		}
	}

	public static function install() {
		global $wpdb;
		require_once ABSPATH . 'wp-admin/includes/upgrade.php';
		foreach ( self::tables() as $name => $table ) {
			$lines = array( 'id ' . ( $table['id'] ?? 'mediumint(9)' ) . ' NOT NULL AUTO_INCREMENT' );
			foreach ( $table['columns'] + self::STAMPS as $column => $type ) {
				$lines[] = "$column $type";
			}
			$lines[] = 'PRIMARY KEY  (id)';
			foreach ( $table['keys'] as $column ) {
				$lines[] = "KEY {$column}_index ($column)";
			}
			// No ENGINE clause: the server's default, as with LatePoint.
			dbDelta( "CREATE TABLE {$wpdb->prefix}latepoint_$name (\n" . implode( ",\n", $lines ) . "\n) " . $wpdb->get_charset_collate() . ';' );
		}
		update_option( 'latepoint_db_version', self::schema_version() );
		if ( ! LATEPOINT_STANDIN_IS_4 ) {
			update_option( 'latepoint_plugin_version', LATEPOINT_STANDIN_VERSION );
		}
	}

	/**
	 * Columns of a table, `id` and the stamps included.
	 *
	 * @param string $name Without prefix.
	 * @return string[]
	 */
	public static function columns( $name ) {
		return array_merge( array( 'id' ), array_keys( self::tables()[ $name ]['columns'] + self::STAMPS ) );
	}

	private static function schema_version() {
		return self::SCHEMA_VERSIONS[ LATEPOINT_STANDIN_VERSION ] ?? '2.3.0';
	}

	private static function tables() {
		static $tables;
		if ( null === $tables ) {
			$tables = self::everywhere() + ( LATEPOINT_STANDIN_IS_4 ? array() : self::since_5() );
		}
		return $tables;
	}

	private static function everywhere() {
		return array(
			'bookings'         => array(
				'id'      => 'int(11)',
				'columns' => self::booking_columns(),
				'keys'    => array( 'start_date', 'end_date', 'status', 'customer_id', 'service_id', 'agent_id', 'location_id' ),
			),
			'agents'           => array(
				'columns' => array(
					'avatar_image_id' => 'int(11)',
					'bio_image_id'    => 'int(11)',
					'first_name'      => 'varchar(255) NOT NULL',
					'last_name'       => 'varchar(255)',
					'display_name'    => 'varchar(255)',
					'title'           => 'varchar(255)',
					'bio'             => 'text',
					'features'        => 'text',
					'email'           => 'varchar(110) NOT NULL',
					'phone'           => 'varchar(255)',
					'password'        => 'varchar(255)',
					'custom_hours'    => 'boolean',
					'wp_user_id'      => 'int(11)',
					'status'          => 'varchar(20) NOT NULL',
					'extra_emails'    => 'text',
					'extra_phones'    => 'text',
				),
				'keys'    => array( 'email' ),
			),
			'customers'        => array(
				'columns' => array(
					'first_name'        => 'varchar(255)',
					'last_name'         => 'varchar(255)',
					'email'             => LATEPOINT_STANDIN_IS_4 ? 'varchar(110) NOT NULL' : 'varchar(320)',
					'phone'             => 'varchar(255)',
					'avatar_image_id'   => 'int(11)',
					'status'            => 'varchar(50) NOT NULL',
					'password'          => 'varchar(255)',
					'activation_key'    => 'varchar(255)',
					'account_nonse'     => 'varchar(255)',
					'google_user_id'    => 'varchar(255)',
					'facebook_user_id'  => 'varchar(255)',
					'wordpress_user_id' => 'int(11)',
					'is_guest'          => 'boolean',
					'notes'             => 'text',
					'admin_notes'       => 'text',
				) + ( LATEPOINT_STANDIN_IS_4 ? array() : array( 'uuid' => 'varchar(36)' ) ),
				'keys'    => array( 'email', 'status', 'wordpress_user_id' ),
			),
			'services'         => array(
				'columns' => array(
					'name'                            => 'varchar(255) NOT NULL',
					'short_description'               => 'text',
					'charge_amount'                   => 'decimal(20,4)',
					'duration_name'                   => 'varchar(255)',
					'override_default_booking_status' => 'varchar(255)',
					'duration'                        => 'int(11) NOT NULL',
					'buffer_before'                   => 'int(11)',
					'buffer_after'                    => 'int(11)',
					'category_id'                     => 'int(11)',
					'order_number'                    => 'int(11)',
					'bg_color'                        => 'varchar(20)',
					'timeblock_interval'              => 'int(11)',
					'capacity_min'                    => 'int(4)',
					'capacity_max'                    => 'int(4)',
					'status'                          => 'varchar(20) NOT NULL',
					'visibility'                      => 'varchar(20) NOT NULL',
				),
				'keys'    => array( 'category_id', 'order_number', 'status' ),
			),
			'locations'        => array(
				'columns' => array(
					'name'         => 'varchar(255) NOT NULL',
					'full_address' => 'text',
					'status'       => 'varchar(20) NOT NULL',
					'category_id'  => 'int(11)',
					'order_number' => 'int(11)',
				),
				'keys'    => array( 'status' ),
			),
			'service_categories' => array(
				'columns' => array(
					'name'               => 'varchar(100) NOT NULL',
					'short_description'  => 'text',
					'parent_id'          => 'mediumint(9)',
					'selection_image_id' => 'int(11)',
					'order_number'       => 'int(11)',
				),
				'keys'    => array(),
			),
			'agents_services'  => array(
				'columns' => array(
					'agent_id'           => 'int(11) NOT NULL',
					'service_id'         => 'int(11) NOT NULL',
					'location_id'        => 'int(11)',
					'is_custom_hours'    => 'boolean',
					'is_custom_price'    => 'boolean',
					'is_custom_duration' => 'boolean',
				),
				'keys'    => array( 'agent_id', 'service_id', 'location_id' ),
			),
			'work_periods'     => array(
				'columns' => array(
					'agent_id'    => 'int(11) NOT NULL',
					'service_id'  => 'int(11) NOT NULL',
					'location_id' => 'int(11) NOT NULL',
					'start_time'  => 'smallint(6) NOT NULL',
					'end_time'    => 'smallint(6) NOT NULL',
					'week_day'    => 'tinyint(3) NOT NULL',
					'custom_date' => 'date',
					'chain_id'    => 'varchar(20)',
				),
				'keys'    => array( 'agent_id', 'service_id', 'location_id', 'week_day', 'custom_date' ),
			),
			'settings'         => array(
				'columns' => array(
					'name'  => 'varchar(110) NOT NULL',
					'value' => 'longtext',
				),
				'keys'    => array( 'name' ),
			),
			'activities'       => array(
				'columns' => array(
					'agent_id'        => 'int(11)',
					'booking_id'      => 'int(11)',
					'service_id'      => 'int(11)',
					'customer_id'     => 'int(11)',
					'location_id'     => 'int(11)',
					'code'            => 'varchar(255) NOT NULL',
					'description'     => 'text',
					'initiated_by'    => 'varchar(100)',
					'initiated_by_id' => 'int(11)',
				),
				'keys'    => array(),
			),
			'process_jobs'     => array(
				'id'      => 'bigint(20)',
				'columns' => array(
					'process_id'        => 'int(11) NOT NULL',
					'object_id'         => 'int(11) NOT NULL',
					'object_model_type' => 'varchar(55)',
					'settings'          => 'text',
					'to_run_after_utc'  => 'datetime',
					'status'            => "varchar(30) DEFAULT 'scheduled'",
				),
				'keys'    => array(),
			),
			'booking_meta'     => self::meta(),
			'agent_meta'       => self::meta(),
			'customer_meta'    => self::meta(),
			'service_meta'     => self::meta(),
		);
	}

	private static function since_5() {
		return array(
			'orders'          => array(
				'id'      => 'bigint(20) unsigned',
				'columns' => array(
					'subtotal'           => 'decimal(20,4)',
					'total'              => 'decimal(20,4)',
					'status'             => "varchar(30) NOT NULL DEFAULT 'open'",
					'fulfillment_status' => "varchar(30) NOT NULL DEFAULT 'not_fulfilled'",
					'payment_status'     => "varchar(30) NOT NULL DEFAULT 'not_paid'",
					'ip_address'         => 'varchar(55)',
					'customer_id'        => 'int(11) NOT NULL',
					'customer_comment'   => 'text',
					'confirmation_code'  => 'varchar(10)',
				),
				'keys'    => array( 'customer_id' ),
			),
			'order_items'     => array(
				'id'      => 'bigint(20) unsigned',
				'columns' => array(
					'order_id'  => 'int(11) NOT NULL',
					'variant'   => 'varchar(55)',
					'item_data' => 'text',
					'subtotal'  => 'decimal(20,4)',
					'total'     => 'decimal(20,4)',
				),
				'keys'    => array( 'order_id' ),
			),
			'order_intents'   => array(
				'id'      => 'bigint(20) unsigned',
				'columns' => array(
					'intent_key'      => 'varchar(55) NOT NULL',
					'customer_id'     => 'int(11) NOT NULL',
					'cart_items_data' => 'text',
					'order_id'        => 'int(11)',
					'status'          => "varchar(30) NOT NULL DEFAULT 'new'",
				),
				'keys'    => array( 'customer_id' ),
			),
			'order_meta'      => self::meta(),
			'recurrences'     => array(
				'columns' => array(
					'rules'     => 'text',
					'overrides' => 'text',
				),
				'keys'    => array(),
			),
			'blocked_periods' => array(
				'id'      => 'int(11)',
				'columns' => array(
					'summary'            => 'text',
					'start_date'         => 'date',
					'end_date'           => 'date',
					'start_time'         => 'mediumint(9)',
					'end_time'           => 'mediumint(9)',
					'start_datetime_utc' => 'datetime',
					'end_datetime_utc'   => 'datetime',
					'service_id'         => 'mediumint(9)',
					'agent_id'           => 'mediumint(9)',
					'location_id'        => 'mediumint(9)',
					'server_timezone'    => 'varchar(100)',
				),
				'keys'    => array( 'start_date', 'end_date', 'service_id', 'agent_id', 'location_id' ),
			),
		);
	}

	private static function booking_columns() {
		$columns = array(
			'booking_code'       => 'varchar(10)',
			'start_date'         => 'date',
			'end_date'           => 'date',
			'start_time'         => 'mediumint(9)',
			'end_time'           => 'mediumint(9)',
			'start_datetime_utc' => 'datetime',
			'end_datetime_utc'   => 'datetime',
			'buffer_before'      => 'mediumint(9) NOT NULL',
			'buffer_after'       => 'mediumint(9) NOT NULL',
			'duration'           => 'mediumint(9)',
			'status'             => "varchar(30) NOT NULL DEFAULT 'pending'",
			'customer_id'        => 'mediumint(9) NOT NULL',
			'service_id'         => 'mediumint(9) NOT NULL',
			'agent_id'           => 'mediumint(9) NOT NULL',
			'location_id'        => 'mediumint(9)',
		);
		if ( LATEPOINT_STANDIN_IS_4 ) {
			return $columns + array(
				'total_attendies'  => 'mediumint(4)',
				'price'            => 'decimal(20,4)',
				'payment_status'   => "varchar(30) NOT NULL DEFAULT 'not_paid'",
				'payment_method'   => 'varchar(55)',
				'customer_comment' => 'text',
			);
		}
		return $columns + array(
			'order_item_id'     => 'mediumint(9)',
			'total_attendees'   => 'mediumint(4)',
			'recurrence_id'     => 'mediumint(9)',
			'customer_timezone' => 'varchar(100)',
			'server_timezone'   => 'varchar(100)',
		);
	}

	private static function meta() {
		return array(
			'columns' => self::META,
			'keys'    => array( 'meta_key', 'object_id' ),
		);
	}
}
