<?php
/**
 * A row of a table.
 *
 * @package LatePoint_Standin
 */

defined( 'ABSPATH' ) || exit;

#[AllowDynamicProperties]
abstract class OsModel {

	const TABLE    = '';
	const REQUIRED = array();

	public $id;
	protected $conditions = array();
	protected $limit      = 0;
	protected $order      = 'id asc';

	public function __construct( $id = false ) {
		foreach ( $this->columns() as $column ) {
			$this->$column = null;
		}
		if ( $id ) {
			$this->load_by_id( $id );
		}
	}

	public function load_by_id( $id ) {
		global $wpdb;
		$row = $wpdb->get_row( $wpdb->prepare( 'SELECT * FROM ' . $this->table() . ' WHERE id = %d', $id ), ARRAY_A );
		if ( ! $row ) {
			return false;
		}
		$this->set_data( $row );
		return $this;
	}

	public function is_new_record() {
		return empty( $this->id );
	}

	public function set_data( $data ) {
		foreach ( array_intersect_key( (array) $data, array_flip( $this->columns() ) ) as $column => $value ) {
			$this->$column = $value;
		}
		return $this;
	}

	/**
	 * Write the row and tell. A row that lacks what every such row has is refused, unless that is not to be looked at.
	 *
	 * @return bool
	 */
	public function save( $alternative_validation = false, $skip_validation = false ) {
		global $wpdb;
		foreach ( $skip_validation ? array() : static::REQUIRED as $column ) {
			if ( empty( $this->$column ) ) {
				return false;
			}
		}
		$now              = OsTimeHelper::stamp();
		$this->created_at = $this->is_new_record() ? $now : $this->created_at;
		$this->updated_at = $now;
		$row              = array();
		foreach ( $this->columns() as $column ) {
			$row[ $column ] = $this->$column;
		}
		// What is not set takes the column's default.
		$done = $this->is_new_record()
			? $wpdb->insert( $this->table(), array_filter( $row, static fn( $value ) => null !== $value ) )
			: $wpdb->update( $this->table(), $row, array( 'id' => $this->id ) );
		if ( false === $done ) {
			return false;
		}
		if ( $this->is_new_record() ) {
			$this->id = $wpdb->insert_id;
		}
		do_action( 'latepoint_model_save', $this );
		return true;
	}

	public function update_attributes( $data ) {
		return $this->set_data( $data )->save( false, true );
	}

	public function delete( $id = false ) {
		$id = $id ? $id : $this->id;
		if ( ! $this->delete_row( $id ) ) {
			return false;
		}
		do_action( 'latepoint_model_deleted', $this, $id );
		return true;
	}

	/**
	 * @param array $conditions Column, or column and operator ("start_date >="), => value or list of values.
	 */
	public function where( $conditions ) {
		$this->conditions = array_merge( $this->conditions, $conditions );
		return $this;
	}

	public function set_limit( $limit ) {
		$this->limit = (int) $limit;
		return $this;
	}

	public function order_by( $order ) {
		$this->order = $order;
		return $this;
	}

	public function get_results( $type = OBJECT ) {
		global $wpdb;
		$wheres = array( '1 = 1' );
		foreach ( $this->conditions as $column => $value ) {
			if ( is_array( $value ) ) {
				$wheres[] = $value
					? $wpdb->prepare( "$column IN (" . implode( ', ', array_fill( 0, count( $value ), '%s' ) ) . ')', $value )
					: '1 = 0';
			} elseif ( null === $value ) {
				$wheres[] = "$column IS NULL";
			} else {
				$wheres[] = $wpdb->prepare( $column . ( strpos( $column, ' ' ) ? '' : ' =' ) . ' %s', $value );
			}
		}
		$sql = 'SELECT * FROM ' . $this->table() . ' WHERE ' . implode( ' AND ', $wheres ) . ' ORDER BY ' . $this->order;
		return $wpdb->get_results( $sql . ( $this->limit ? " LIMIT $this->limit" : '' ), $type );
	}

	/**
	 * A list; with a limit of one the model itself, or false.
	 */
	public function get_results_as_models() {
		$models = array();
		foreach ( $this->get_results( ARRAY_A ) as $row ) {
			$models[] = ( new static() )->set_data( $row );
		}
		if ( 1 === $this->limit ) {
			return $models ? $models[0] : false;
		}
		return $models;
	}

	public function get_meta_by_key( $key, $default = false ) {
		global $wpdb;
		$value = $wpdb->get_var( $wpdb->prepare( 'SELECT meta_value FROM ' . $this->meta_table() . ' WHERE object_id = %d AND meta_key = %s ORDER BY id LIMIT 1', $this->id, $key ) );
		return null === $value ? $default : $value;
	}

	public function save_meta_by_key( $key, $value ) {
		global $wpdb;
		$wpdb->delete( $this->meta_table(), array( 'object_id' => $this->id, 'meta_key' => $key ) );
		return (bool) $wpdb->insert( $this->meta_table(), array( 'object_id' => $this->id, 'meta_key' => $key, 'meta_value' => $value ) );
	}

	protected function delete_row( $id ) {
		global $wpdb;
		return (bool) $wpdb->delete( $this->table(), array( 'id' => $id ) );
	}

	protected function columns() {
		return LatePoint_Standin_Database::columns( static::TABLE );
	}

	protected function table() {
		return constant( 'LATEPOINT_TABLE_' . strtoupper( static::TABLE ) );
	}

	protected function meta_table() {
		return constant( 'LATEPOINT_TABLE_' . strtoupper( rtrim( static::TABLE, 's' ) ) . '_META' );
	}
}
