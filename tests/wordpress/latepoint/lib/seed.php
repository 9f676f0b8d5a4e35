<?php
/**
 * What is there after activation, and a small salon for tests.
 *
 * @package LatePoint_Standin
 */

defined( 'ABSPATH' ) || exit;

class LatePoint_Standin_Seed {

	public static function activate() {
		LatePoint_Standin_Database::install();
		add_role( 'latepoint_agent', 'LatePoint Agent', array( 'read' => true, 'edit_bookings' => true ) );
		$defaults = array(
			'timeslot_blocking_statuses' => LATEPOINT_BOOKING_STATUS_APPROVED,
			'default_booking_status'     => LATEPOINT_BOOKING_STATUS_APPROVED,
			'calendar_hidden_statuses'   => LATEPOINT_BOOKING_STATUS_CANCELLED,
			'need_action_statuses'       => 'pending,payment_pending',
			'timeblock_interval'         => LATEPOINT_STANDIN_IS_4 ? '15' : '30',
		);
		foreach ( $defaults as $name => $value ) {
			if ( '' === OsSettingsHelper::get_settings_value( $name ) ) {
				OsSettingsHelper::save_setting_by_name( $name, $value );
			}
		}
		if ( ! ( new OsWorkPeriodModel() )->get_results() ) {
			foreach ( range( 1, 7 ) as $week_day ) {
				self::save( new OsWorkPeriodModel(), array( 0, 0, 0, 480, 1020, $week_day ) );
			}
		}
	}

	/**
	 * Agents 1 to 3, services 1 to 3, a location, two customers.
	 *
	 * @param int $wp_user_id Agent 1's.
	 */
	public static function people_and_services( $wp_user_id ) {
		$location = self::filled( new OsLocationModel(), array( 'name' => 'Main Street', 'full_address' => '1 Main Street', 'status' => 'active' ) );
		foreach ( array( array( 'Anna', 'Adler' ), array( 'Bruno', 'Bauer' ), array( 'Chen', 'Chu' ) ) as $number => $name ) {
			self::filled(
				new OsAgentModel(),
				array(
					'first_name' => $name[0],
					'last_name'  => $name[1],
					'email'      => strtolower( $name[0] ) . '@example.test',
					'password'   => 'not for LateSync',
					'status'     => 'active',
					'wp_user_id' => 0 === $number ? $wp_user_id : null,
				)
			);
		}
		foreach ( array( array( 'Massage', 0, 0, 1 ), array( 'Facial', 15, 10, 1 ), array( 'Yoga', 0, 0, 4 ) ) as $values ) {
			$service = self::filled(
				new OsServiceModel(),
				array(
					'name'               => $values[0],
					'duration'           => 60,
					'buffer_before'      => $values[1],
					'buffer_after'       => $values[2],
					'timeblock_interval' => 60,
					'capacity_min'       => 1,
					'capacity_max'       => $values[3],
					'status'             => 'active',
					'visibility'         => 'visible',
				)
			);
			foreach ( 'Yoga' === $values[0] ? array( 1, 2, 3 ) : array( 1, 2 ) as $agent_id ) {
				self::filled( new OsConnectorModel(), array( 'agent_id' => $agent_id, 'service_id' => $service->id, 'location_id' => $location->id ) );
			}
		}
		foreach ( array( 'Robin', 'Sam' ) as $name ) {
			self::filled(
				new OsCustomerModel(),
				array(
					'first_name' => $name,
					'last_name'  => 'Weber',
					'email'      => strtolower( $name ) . '@example.test',
					'status'     => 'active',
					'password'   => 'not for LateSync',
				)
			);
		}
	}

	private static function save( $model, $values ) {
		return self::filled( $model, array_combine( array( 'agent_id', 'service_id', 'location_id', 'start_time', 'end_time', 'week_day' ), $values ) );
	}

	private static function filled( $model, array $values ) {
		$model->set_data( $values );
		if ( ! $model->save() ) {
			throw new RuntimeException( get_class( $model ) . ' was not saved.' );
		}
		return $model;
	}
}
