<?php
/**
 * The table of agents on the LateSync page.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/** One row per account, and one per agent who has none. */
final class LateSync_Bridge_Status_Table {

	/**
	 * Print the table.
	 *
	 * @param array[] $accounts All accounts.
	 * @param array   $greeting LateSync's answer, which knows the last runs; empty when it was not asked.
	 * @param int     $now      Unix seconds.
	 */
	public static function render( array $accounts, array $greeting, int $now ): void {
		$agents = LateSync_Bridge_Latepoint::agents();
		$names  = array_column( $agents, 'name', 'id' );
		echo '<h2>' . esc_html__( 'Agents', 'latesync-bridge' ) . '</h2>';
		if ( ! $names && ! $accounts ) {
			echo '<p>' . esc_html__( 'LatePoint has no agents yet.', 'latesync-bridge' ) . '</p>';
			return;
		}
		self::render_count( $accounts, $names );
		echo '<table class="widefat striped latesync-agents"><thead><tr>';
		foreach ( self::headings() as $heading ) {
			echo '<th scope="col">' . esc_html( $heading ) . '</th>';
		}
		echo '</tr></thead><tbody>';
		$runs      = self::last_runs( $greeting );
		$has_users = array_column( $agents, 'has_user', 'id' );
		foreach ( self::rows( $accounts, $names ) as list( $agent_id, $account ) ) {
			$name = LateSync_Bridge_Words::agent( $agent_id, $names );
			self::render_row( $name, $has_users[ $agent_id ] ?? true, $account, $runs[ $agent_id ] ?? null, $now );
		}
		echo '</tbody></table>';
	}

	/**
	 * How many of LatePoint's active agents are connected.
	 *
	 * @param array[]  $accounts All accounts.
	 * @param string[] $names    Agents' names by number.
	 */
	private static function render_count( array $accounts, array $names ): void {
		$connected = array();
		foreach ( $accounts as $account ) {
			if ( LateSync_Bridge_Accounts::CONNECTED === $account['state'] ) {
				$connected[ $account['agent_id'] ] = true;
			}
		}
		$all = count( $names );
		/* translators: 1: how many agents are connected, 2: how many there are. */
		$text = _n( '%1$s of %2$s agent is connected.', '%1$s of %2$s agents are connected.', $all, 'latesync-bridge' );
		echo '<p>' . esc_html( sprintf( $text, number_format_i18n( count( array_intersect_key( $names, $connected ) ) ), number_format_i18n( $all ) ) ) . '</p>';
	}

	/**
	 * The columns' headings; on a phone each stands before its value.
	 *
	 * @return string[]
	 */
	private static function headings(): array {
		return array(
			'agent'    => __( 'Agent', 'latesync-bridge' ),
			'state'    => __( 'State', 'latesync-bridge' ),
			'calendar' => __( 'Calendar', 'latesync-bridge' ),
			'ends'     => __( 'End of sign-in', 'latesync-bridge' ),
			'run'      => __( 'Last run', 'latesync-bridge' ),
		);
	}

	/**
	 * Who gets a row: array( agent id, account or null ), whoever needs help first, then by name.
	 *
	 * An agent LatePoint no longer lists is shown only while LateSync still holds an account of theirs.
	 *
	 * @param array[]  $accounts All accounts.
	 * @param string[] $names    Agents' names by number.
	 * @return array[]
	 */
	private static function rows( array $accounts, array $names ): array {
		$rows = array();
		foreach ( $accounts as $account ) {
			if ( isset( $names[ $account['agent_id'] ] ) || 'disconnected' !== $account['state'] ) {
				$rows[] = array( $account['agent_id'], $account );
			}
		}
		foreach ( array_diff( array_keys( $names ), array_column( $accounts, 'agent_id' ) ) as $agent_id ) {
			$rows[] = array( $agent_id, null );
		}
		$by_need = static function ( $one, $other ) use ( $names ) {
			$order = self::urgency( $one[1] ) <=> self::urgency( $other[1] );
			return 0 !== $order ? $order
				: strnatcasecmp( LateSync_Bridge_Words::agent( $one[0], $names ), LateSync_Bridge_Words::agent( $other[0], $names ) );
		};
		usort( $rows, $by_need );
		return $rows;
	}

	/**
	 * What is read first: 0 stands still, 1 works, 2 is not connected.
	 *
	 * @param array|null $account One account, or none.
	 */
	private static function urgency( ?array $account ): int {
		if ( null === $account || 'disconnected' === $account['state'] ) {
			return 2;
		}
		return LateSync_Bridge_Accounts::needs_sign_in( $account ) ? 0 : 1;
	}

	/**
	 * When LateSync last worked for each agent: agent id => Unix seconds.
	 *
	 * @param array $greeting LateSync's answer.
	 */
	private static function last_runs( array $greeting ): array {
		$runs = array();
		foreach ( $greeting['agents'] ?? array() as $agent ) {
			if ( isset( $agent['id'], $agent['last_run_at'] ) ) {
				$runs[ (int) $agent['id'] ] = (int) $agent['last_run_at'];
			}
		}
		return $runs;
	}

	/**
	 * Print a row.
	 *
	 * @param string     $name     The agent's.
	 * @param bool       $has_user Whether a WordPress user is chosen for them; one LatePoint no longer lists needs none.
	 * @param array|null $account  Their account.
	 * @param int|null   $last_run Unix seconds; null when not known.
	 * @param int        $now      Unix seconds.
	 */
	private static function render_row( string $name, bool $has_user, ?array $account, ?int $last_run, int $now ): void {
		$headings = self::headings();
		echo '<tr><th scope="row" data-label="' . esc_attr( $headings['agent'] ) . '">' . esc_html( $name );
		if ( ! $has_user ) {
			echo '<span class="latesync-aside">' . esc_html__( 'No WordPress user: gets a personal link from LateSync', 'latesync-bridge' ) . '</span>';
		}
		echo '</th>';
		echo '<td data-label="' . esc_attr( $headings['state'] ) . '">';
		LateSync_Bridge_Words::print_state( $account, $now );
		if ( null !== $account && '' !== $account['message'] ) {
			echo '<p class="latesync-message">' . esc_html( $account['message'] ) . '</p>';
		}
		echo '</td>';
		$values = array(
			'calendar' => null === $account ? '–' : LateSync_Bridge_Words::provider( $account['provider'] ),
			'ends'     => null === $account ? '–' : LateSync_Bridge_Words::consent_end( $account, $now ),
			'run'      => null === $last_run ? '–' : LateSync_Bridge_Words::distance( $last_run, $now ),
		);
		foreach ( $values as $column => $value ) {
			$css = '–' === $value ? 'latesync-nothing' : '';
			printf( '<td class="%s" data-label="%s">%s</td>', esc_attr( $css ), esc_attr( $headings[ $column ] ), esc_html( $value ) );
		}
		echo '</tr>';
	}
}
