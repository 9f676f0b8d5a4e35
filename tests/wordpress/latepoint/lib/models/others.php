<?php
/**
 * Everything that is no booking. How each is deleted, and what that tells: latepoint.md §2.8.
 *
 * @package LatePoint_Standin
 */

defined( 'ABSPATH' ) || exit;

class OsAgentModel extends OsModel {

	const TABLE    = 'agents';
	const REQUIRED = array( 'first_name', 'email' );

	public function get_full_name() {
		return trim( "$this->first_name $this->last_name" );
	}

	/**
	 * Its bookings stay and point to nobody; no hook fires.
	 */
	public function delete( $id = false ) {
		global $wpdb;
		$id = $id ? $id : $this->id;
		$wpdb->delete( LATEPOINT_TABLE_AGENTS_SERVICES, array( 'agent_id' => $id ) );
		$wpdb->delete( LATEPOINT_TABLE_WORK_PERIODS, array( 'agent_id' => $id ) );
		$wpdb->delete( LATEPOINT_TABLE_AGENT_META, array( 'object_id' => $id ) );
		return $this->delete_row( $id );
	}
}

class OsServiceModel extends OsModel {

	const TABLE    = 'services';
	const REQUIRED = array( 'name', 'duration' );

	/**
	 * Its bookings go in silence, their meta stays; only the service is told of.
	 */
	public function delete( $id = false ) {
		global $wpdb;
		$id = $id ? $id : $this->id;
		$wpdb->delete( LATEPOINT_TABLE_BOOKINGS, array( 'service_id' => $id ) );
		$wpdb->delete( LATEPOINT_TABLE_AGENTS_SERVICES, array( 'service_id' => $id ) );
		$is_deleted = $this->delete_row( $id );
		do_action( 'latepoint_service_deleted', $id );
		return $is_deleted;
	}
}

class OsCustomerModel extends OsModel {

	const TABLE    = 'customers';
	const REQUIRED = array( 'status' );

	/**
	 * Bookings one by one; only `latepoint_model_deleted` fires for each.
	 */
	public function delete( $id = false ) {
		$id = $id ? $id : $this->id;
		foreach ( ( new OsBookingModel() )->where( array( 'customer_id' => $id ) )->get_results_as_models() as $booking ) {
			$booking->delete();
		}
		return parent::delete( $id );
	}
}

class OsLocationModel extends OsModel {

	const TABLE = 'locations';
}

class OsConnectorModel extends OsModel {

	const TABLE = 'agents_services';
}

class OsWorkPeriodModel extends OsModel {

	const TABLE = 'work_periods';
}

if ( ! LATEPOINT_STANDIN_IS_4 ) {

	class OsOrderModel extends OsModel {

		const TABLE    = 'orders';
		const REQUIRED = array( 'customer_id' );

		public function get_items() {
			return ( new OsOrderItemModel() )->where( array( 'order_id' => $this->id ) )->get_results_as_models();
		}

		public function get_bookings() {
			$bookings = array();
			foreach ( $this->get_items() as $item ) {
				$bookings = array_merge( $bookings, $item->get_bookings() );
			}
			return $bookings;
		}

		/**
		 * Of its bookings only `latepoint_booking_will_be_deleted` and `latepoint_model_deleted` tell.
		 */
		public function delete( $id = false ) {
			global $wpdb;
			foreach ( $this->get_bookings() as $booking ) {
				do_action( 'latepoint_booking_will_be_deleted', $booking->id );
				$booking->delete();
			}
			$wpdb->delete( LATEPOINT_TABLE_ORDER_ITEMS, array( 'order_id' => $this->id ) );
			$wpdb->delete( LATEPOINT_TABLE_ORDER_META, array( 'object_id' => $this->id ) );
			return parent::delete( $id );
		}
	}

	class OsOrderItemModel extends OsModel {

		const TABLE    = 'order_items';
		const REQUIRED = array( 'order_id' );

		public function get_bookings() {
			return ( new OsBookingModel() )->where( array( 'order_item_id' => $this->id ) )->get_results_as_models();
		}

		/**
		 * The bookings go by raw SQL, their meta stays, no booking hook fires.
		 */
		public function delete( $id = false ) {
			global $wpdb;
			$id = $id ? $id : $this->id;
			do_action( 'latepoint_order_item_will_be_deleted', $id );
			$wpdb->delete( LATEPOINT_TABLE_BOOKINGS, array( 'order_item_id' => $id ) );
			$is_deleted = parent::delete( $id );
			do_action( 'latepoint_order_item_deleted', $id );
			return $is_deleted;
		}
	}

	class OsOrderIntentModel extends OsModel {

		const TABLE = 'order_intents';
	}
}
