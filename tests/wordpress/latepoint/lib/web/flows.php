<?php
/**
 * What people do with bookings, each with exactly the hooks of latepoint.md §2.8 and latepoint-live.md §3.
 *
 * @package LatePoint_Standin
 */

defined( 'ABSPATH' ) || exit;

class LatePoint_Standin_Flows {

	const NOT_AVAILABLE = 'Selected booking slot is not available anymore';

	/**
	 * A visitor's booking. Rows in LatePoint's order: customer, intent, order, order item, booking last.
	 *
	 * @param OsBookingModel $booking  Without customer and order item.
	 * @param array          $customer first_name, last_name, email, phone.
	 */
	public static function create_in_front( OsBookingModel $booking, array $customer, $comment = '' ) {
		$booking->customer_id = self::customer( $customer )->id;
		if ( ! LATEPOINT_STANDIN_IS_4 ) {
			$intent = new OsOrderIntentModel();
			$intent->set_data( array( 'intent_key' => wp_generate_password( 20, false ), 'customer_id' => $booking->customer_id ) )->save();
			do_action( 'latepoint_order_intent_created', $intent );
			$order = self::make_order( $booking, $comment );
			$intent->update_attributes( array( 'order_id' => $order->id, 'status' => 'converted' ) );
			do_action( 'latepoint_order_intent_converted', $intent, $order );
		}
		self::write_new( $booking );
		do_action( 'latepoint_booking_created', $booking );
		if ( isset( $order ) ) {
			do_action( 'latepoint_order_created', $order );
		}
	}

	/**
	 * An administrator's; no availability is asked for.
	 */
	public static function create_in_admin( OsBookingModel $booking ) {
		$customer = new OsCustomerModel( $booking->customer_id );
		$old      = (array) $customer;
		$order    = LATEPOINT_STANDIN_IS_4 ? null : self::make_order( $booking, '' );
		$customer->save();
		do_action( 'latepoint_customer_updated', $customer, $old );
		self::write_new( $booking );
		do_action( 'latepoint_booking_created', $booking );
		if ( $order ) {
			do_action( 'latepoint_order_created', $order );
		}
	}

	/**
	 * The panel's save: every booking of the order is written, changed or not.
	 *
	 * @param OsBookingModel[] $bookings Of one order.
	 * @param array            $changes  Booking's id => column => value.
	 */
	public static function edit( array $bookings, array $changes, $order = null ) {
		foreach ( $bookings as $booking ) {
			$old = clone $booking;
			$new = (array) ( $changes[ $booking->id ] ?? array() );
			$booking->set_data( $new );
			if ( array_intersect( array( 'start_date', 'start_time', 'duration' ), array_keys( $new ) ) && ! isset( $new['end_time'] ) ) {
				$booking->calculate_end_date_and_time();
			}
			$booking->set_utc_datetimes();
			$booking->save();
			do_action( 'latepoint_booking_updated', $booking, $old );
			if ( ! LATEPOINT_STANDIN_IS_4 && $old->status !== $booking->status ) {
				do_action( 'latepoint_booking_change_status', $booking, $old );
			}
			self::note( 'booking_updated', $booking );
		}
		$customer = new OsCustomerModel( $bookings[0]->customer_id );
		$customer->save();
		do_action( 'latepoint_customer_updated', $customer, (array) $customer );
		if ( $order ) {
			$old_order = clone $order;
			$order->save();
			do_action( 'latepoint_order_updated', $order, $old_order );
		}
	}

	/**
	 * From the list of pending bookings or by a link.
	 */
	public static function set_status( OsBookingModel $booking, $status ) {
		$old             = clone $booking;
		$booking->status = $status;
		$booking->save();
		do_action( 'latepoint_booking_updated', $booking, $old );
		self::note( 'booking_updated', $booking );
	}

	/**
	 * By a customer's or agent's link. Order and order item stay as they were.
	 *
	 * @return bool False: the time is not on offer.
	 */
	public static function reschedule( OsBookingModel $booking, $start_date, $start_time ) {
		$old                 = clone $booking;
		$booking->start_date = $start_date;
		$booking->start_time = (int) $start_time;
		if ( ! $booking->is_bookable() ) {
			return false;
		}
		$booking->calculate_end_date_and_time();
		$booking->set_utc_datetimes();
		if ( ! LATEPOINT_STANDIN_IS_4 ) {
			$booking->server_timezone = OsTimeHelper::get_wp_timezone_name();
		}
		$booking->save();
		do_action( 'latepoint_booking_updated', $booking, $old );
		return true;
	}

	/**
	 * "Delete selected" in the list.
	 */
	public static function bulk_delete( array $ids ) {
		foreach ( $ids as $id ) {
			$booking = new OsBookingModel( $id );
			do_action( 'latepoint_booking_will_be_deleted', $id );
			if ( $booking->delete() ) {
				do_action( 'latepoint_booking_deleted', $id );
			}
		}
	}

	/**
	 * As the Abilities API does it: nothing is recomputed, and only `latepoint_model_save` tells.
	 */
	public static function ability_update( $id, array $changes ) {
		return ( new OsBookingModel( $id ) )->update_attributes( $changes );
	}

	public static function ability_delete( $id ) {
		return ( new OsBookingModel( $id ) )->delete();
	}

	private static function write_new( OsBookingModel $booking ) {
		$service                = new OsServiceModel( $booking->service_id );
		$booking->duration      = $booking->duration ? $booking->duration : $service->duration;
		$booking->buffer_before = $service->buffer_before;
		$booking->buffer_after  = $service->buffer_after;
		$booking->location_id   = $booking->location_id ? $booking->location_id : 1;
		$booking->status        = $booking->status ? $booking->status : OsSettingsHelper::get_settings_value( 'default_booking_status', 'approved' );
		$seats                  = LATEPOINT_STANDIN_IS_4 ? 'total_attendies' : 'total_attendees';
		$booking->$seats        = $booking->attendees();
		$booking->calculate_end_date_and_time();
		$booking->set_utc_datetimes();
		$booking->save();
		$booking->save_meta_by_key( 'key_to_manage_for_agent', wp_generate_password( 24, false ) );
		$booking->save_meta_by_key( 'key_to_manage_for_customer', wp_generate_password( 24, false ) );
		self::note( 'booking_created', $booking );
	}

	private static function customer( array $values ) {
		$known = ( new OsCustomerModel() )->where( array( 'email' => $values['email'] ) )->set_limit( 1 )->get_results_as_models();
		if ( $known ) {
			return $known;
		}
		$customer = new OsCustomerModel();
		$customer->set_data( $values + array( 'status' => 'pending_verification', 'is_guest' => 1 ) )->save();
		do_action( 'latepoint_customer_created', $customer );
		return $customer;
	}

	private static function make_order( OsBookingModel $booking, $comment ) {
		$order = new OsOrderModel();
		$order->set_data( array( 'customer_id' => $booking->customer_id, 'customer_comment' => $comment, 'confirmation_code' => strtoupper( wp_generate_password( 7, false ) ) ) );
		$order->save();
		$item = new OsOrderItemModel();
		$item->set_data( array( 'order_id' => $order->id, 'variant' => 'booking', 'item_data' => wp_json_encode( array( 'start_date' => $booking->start_date, 'start_time' => $booking->start_time ) ) ) );
		$item->save();
		$booking->order_item_id = $item->id;
		return $order;
	}

	private static function note( $code, OsBookingModel $booking ) {
		global $wpdb;
		$wpdb->insert( LATEPOINT_TABLE_ACTIVITIES, array( 'code' => $code, 'booking_id' => $booking->id, 'agent_id' => $booking->agent_id, 'created_at' => OsTimeHelper::stamp() ) );
	}
}
