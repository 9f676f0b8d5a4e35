<?php
/**
 * Notices what happens to bookings and tells LateSync.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Gathers LatePoint's hooks of one request into the numbers of the bookings they touch, for one note at its end.
 *
 * A note is a hint and holds numbers only: LateSync reads the rows itself, and its polling finds what no hook tells
 * (latepoint.md §2.8 lists which deletions fire nothing). 0 stands for "look at everything".
 */
final class LateSync_Bridge_Notes {

	/** Models whose change shows in events of bookings that are not named. */
	const SHARED_MODELS = array( 'OsServiceModel', 'OsLocationModel', 'OsAgentModel' );

	/** More bookings than this are "look at everything"; Courier::MOST_IDS, which need not be loaded while one is being made. */
	const MOST_IDS = 500;

	/** Models that are saved along with a booking; alone they may stand for any. */
	const COMPANION_MODELS = array( 'OsOrderModel', 'OsOrderItemModel' );

	/**
	 * Bookings of this request, id => true.
	 *
	 * @var array
	 */
	private static $bookings = array();

	/**
	 * Something changed that may concern any booking.
	 *
	 * @var bool
	 */
	private static $everything = false;

	/**
	 * Something changed that goes with a booking; counts when no booking is known at the end.
	 *
	 * @var bool
	 */
	private static $companions = false;

	/**
	 * Customers saved by this request, id => whether they were there before: a new one has no bookings yet.
	 *
	 * @var array
	 */
	private static $customers = array();

	/**
	 * Order items whose bookings were looked up before the delete, id => true.
	 *
	 * @var array
	 */
	private static $order_items = array();

	/**
	 * Whether send() will be called.
	 *
	 * @var bool
	 */
	private static $is_waiting = false;

	/** LatePoint's actions, 4.9.91 to 5.x (latepoint.md §4.1); a hook an older release lacks is never fired. */
	public static function register(): void {
		$hooks = array(
			'booking'            => array( 'latepoint_booking_created', 'latepoint_booking_updated', 'latepoint_booking_change_status' ),
			'booking_id'         => array( 'latepoint_booking_will_be_deleted', 'latepoint_booking_deleted' ),
			'companion'          => array( 'latepoint_order_created', 'latepoint_order_updated' ),
			'order_item_leaving' => array( 'latepoint_order_item_will_be_deleted' ),
			'order_item_gone'    => array( 'latepoint_order_item_deleted' ),
			'new_customer'       => array( 'latepoint_customer_created' ),
			'customer'           => array( 'latepoint_customer_updated' ),
			'model'              => array( 'latepoint_model_save' ),
			'everything'         => array(
				'latepoint_service_saved',
				'latepoint_service_deleted',
				'latepoint_agent_saved',
				'latepoint_settings_updated',
				'update_option_timezone_string',
				'update_option_gmt_offset',
			),
		);
		foreach ( $hooks as $method => $names ) {
			foreach ( $names as $name ) {
				add_action( $name, array( __CLASS__, $method ) );
			}
		}
		add_action( 'latepoint_model_deleted', array( __CLASS__, 'model_deleted' ), 10, 2 );
	}

	/**
	 * A booking was made or changed. Where it was before LateSync knows itself.
	 *
	 * @param mixed $booking An OsBookingModel.
	 */
	public static function booking( $booking ): void {
		self::booking_id( self::id_of( $booking ) );
	}

	/**
	 * A booking is about to go, or gone.
	 *
	 * @param mixed $id Its number.
	 */
	public static function booking_id( $id ): void {
		if ( is_numeric( $id ) && (int) $id > 0 ) {
			self::$bookings[ (int) $id ] = true;
			if ( count( self::$bookings ) > self::MOST_IDS ) {
				self::$everything = true;
			}
		} else {
			self::$everything = true;
		}
		self::await_shutdown();
	}

	/** An order or its item changed. */
	public static function companion(): void {
		self::$companions = true;
		self::await_shutdown();
	}

	/** A service, an agent, a setting, the site's zone: any booking's event may look different now. */
	public static function everything(): void {
		self::$everything = true;
		self::await_shutdown();
	}

	/**
	 * A customer was saved; a new name belongs into all of their events.
	 *
	 * @param mixed $customer An OsCustomerModel.
	 */
	public static function customer( $customer ): void {
		self::$customers += array( self::id_of( $customer ) => true );
		self::await_shutdown();
	}

	/**
	 * A customer is new: no booking is theirs but those of this request.
	 *
	 * @param mixed $customer An OsCustomerModel.
	 */
	public static function new_customer( $customer ): void {
		self::$customers[ self::id_of( $customer ) ] = false;
	}

	/**
	 * Any of LatePoint's models was saved; the Abilities API fires nothing else (latepoint.md §4.2).
	 *
	 * @param mixed $model An OsModel.
	 */
	public static function model( $model ): void {
		self::model_changed( $model, self::id_of( $model ) );
	}

	/**
	 * Any of LatePoint's models was deleted; of a customer's bookings and through the Abilities API nothing else tells.
	 *
	 * @param mixed $model An OsModel.
	 * @param mixed $id    Its number; the model may have forgotten it.
	 */
	public static function model_deleted( $model, $id = 0 ): void {
		self::model_changed( $model, is_numeric( $id ) && (int) $id > 0 ? (int) $id : self::id_of( $model ) );
	}

	/**
	 * An item of an order is about to go, and with it, without a hook, its bookings (latepoint.md §2.8).
	 *
	 * @param mixed $order_item_id Its number.
	 */
	public static function order_item_leaving( $order_item_id ): void {
		$bookings = self::bookings_of_item( (int) ( is_numeric( $order_item_id ) ? $order_item_id : 0 ) );
		if ( null === $bookings ) {
			self::everything();
			return;
		}
		self::$order_items[ (int) $order_item_id ] = true;
		array_map( array( __CLASS__, 'booking_id' ), $bookings );
	}

	/**
	 * An item of an order is gone; its bookings can be looked up no more.
	 *
	 * @param mixed $order_item_id Its number.
	 */
	public static function order_item_gone( $order_item_id ): void {
		if ( ! is_numeric( $order_item_id ) || ! isset( self::$order_items[ (int) $order_item_id ] ) ) {
			self::everything();
		}
	}

	/** At shutdown: hands the note to the courier. */
	public static function send(): void {
		try {
			$ids = self::collected();
			if ( $ids ) {
				LateSync_Bridge_Courier::post( array( 'bookings' => $ids ) );
			}
		} catch ( Throwable $failure ) {
			LateSync_Bridge_Troubles::note( 'notes', get_class( $failure ) );
		}
	}

	/**
	 * What this request touched, and a clean slate.
	 *
	 * @return int[] Bookings' numbers, array( 0 ) for "look at everything".
	 */
	private static function collected(): array {
		$ids = array_keys( self::$bookings );
		if ( self::$everything || ( ! $ids && ( self::$companions || in_array( true, self::$customers, true ) ) ) ) {
			$ids = array( 0 );
		}
		self::$bookings    = array();
		self::$customers   = array();
		self::$order_items = array();
		self::$everything  = false;
		self::$companions  = false;
		self::$is_waiting  = false;
		return $ids;
	}

	/**
	 * Sorts a model by its class: LatePoint fires the same action for all, also for its log and its sessions.
	 *
	 * @param mixed $model An OsModel.
	 * @param int   $id    Its number.
	 */
	private static function model_changed( $model, int $id ): void {
		if ( $model instanceof OsBookingModel ) {
			self::booking_id( $id );
		} elseif ( $model instanceof OsCustomerModel ) {
			self::customer( $model );
		} elseif ( self::is_one_of( $model, self::COMPANION_MODELS ) ) {
			self::companion();
		} elseif ( self::is_one_of( $model, self::SHARED_MODELS ) ) {
			self::everything();
		}
	}

	/**
	 * Whether a model is of one of these classes.
	 *
	 * @param mixed    $model   An OsModel.
	 * @param string[] $classes Names.
	 */
	private static function is_one_of( $model, array $classes ): bool {
		foreach ( $classes as $name ) {
			if ( $model instanceof $name ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * A model's number, 0 without one.
	 *
	 * @param mixed $model An OsModel.
	 */
	private static function id_of( $model ): int {
		$id = is_object( $model ) && isset( $model->id ) ? $model->id : 0;
		return is_numeric( $id ) ? (int) $id : 0;
	}

	/**
	 * The bookings of an order item, null when they cannot be told.
	 *
	 * The column has no index (latepoint.md §1.2): a pass over the table, made only when an administrator removes an item.
	 *
	 * @param int $order_item_id Its number.
	 */
	private static function bookings_of_item( int $order_item_id ): ?array {
		global $wpdb;
		if ( $order_item_id <= 0 ) {
			return null;
		}
		$query      = 'SELECT id FROM ' . LateSync_Bridge_Latepoint::table( 'bookings' ) . ' WHERE order_item_id = %d LIMIT %d';
		$suppressed = $wpdb->suppress_errors( true );
		// phpcs:ignore WordPress.DB -- the table's name is ours to build.
		$ids = $wpdb->get_col( $wpdb->prepare( $query, $order_item_id, self::MOST_IDS + 1 ) );
		$wpdb->suppress_errors( $suppressed );
		return '' === $wpdb->last_error ? array_map( 'intval', $ids ) : null;
	}

	/** Asks WordPress for a call at the request's end; exit and wp_send_json() get there too. */
	private static function await_shutdown(): void {
		if ( ! self::$is_waiting ) {
			self::$is_waiting = true;
			add_action( 'shutdown', array( __CLASS__, 'send' ), PHP_INT_MAX - 1 );
		}
	}
}
