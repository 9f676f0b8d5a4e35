<?php
/**
 * The booking form, and the pages staff look at.
 *
 * @package LatePoint_Standin
 */

defined( 'ABSPATH' ) || exit;

use LatePoint\Misc\BookingRequest;

class LatePoint_Standin_Pages {

	public static function register() {
		add_shortcode( 'latepoint_book_form', array( __CLASS__, 'book_form' ) );
		add_action( 'admin_menu', array( __CLASS__, 'add_menu' ) );
		add_action( 'admin_head-toplevel_page_latepoint', array( __CLASS__, 'hide_wordpress' ) );
	}

	/**
	 * The first month is in the page itself (latepoint-live.md §1b).
	 */
	public static function book_form() {
		$request = new BookingRequest( array( 'service_id' => 1 ) );
		return '<div class="latepoint-book-form">' . self::month( $request, OsTimeHelper::now_datetime_object()->format( 'Y-m' ) ) . '</div>';
	}

	/**
	 * Each day with the minutes on offer by anybody who may serve, in the visitor's zone where it differs.
	 *
	 * @param string $month 'Y-m'.
	 * @param string $zone  The visitor's; '' for the site's.
	 */
	public static function month( BookingRequest $request, $month, $zone = '' ): string {
		$first    = new OsWpDateTime( "$month-01" );
		$last     = ( clone $first )->modify( 'last day of this month' );
		$visitor  = $zone && OsTimeHelper::get_wp_timezone_name() !== $zone ? new DateTimeZone( $zone ) : null;
		$from     = $visitor ? ( clone $first )->modify( '-2 days' ) : $first;
		$to       = $visitor ? ( clone $last )->modify( '+2 days' ) : $last;
		$bookable = array_fill_keys( OsResourceHelper::days( $first->format( 'Y-m-d' ), $last->format( 'Y-m-d' ) ), array() );
		foreach ( OsResourceHelper::get_resources_grouped_by_day( $request, $from, $to ) as $day => $resources ) {
			foreach ( self::minutes( $resources ) as $minute ) {
				list( $shown_day, $shown_minute )          = self::shown( $day, $minute, $visitor );
				$bookable[ $shown_day ][ $shown_minute ] = $shown_minute;
			}
		}
		$html = '';
		foreach ( array_slice( $bookable, 0, (int) $last->format( 'j' ) ) as $day => $minutes ) {
			sort( $minutes );
			$html .= sprintf( '<div class="os-day%s" data-date="%s" data-bookable-minutes="%s"></div>', $minutes ? '' : ' os-not-available', esc_attr( $day ), esc_attr( implode( ',', $minutes ) ) );
		}
		return $html;
	}

	public static function add_menu() {
		$capability = current_user_can( 'manage_options' ) ? 'manage_options' : 'edit_bookings';
		add_menu_page( 'LatePoint', 'LatePoint', $capability, 'latepoint', array( __CLASS__, 'show' ) );
	}

	/**
	 * On its own pages neither WordPress' menu nor anybody's notices are seen.
	 */
	public static function hide_wordpress() {
		echo '<style>#wpadminbar, #adminmenumain, #wpbody-content > .notice { display: none !important; }</style>';
	}

	public static function show() {
		$route = sanitize_key( $_GET['route_name'] ?? 'dashboard__index' );
		$day   = new OsWpDateTime( sanitize_text_field( wp_unslash( $_GET['date'] ?? 'today' ) ) );
		echo '<div class="latepoint-wrap">';
		self::side_menu();
		if ( 'calendars__week' === $route ) {
			$day->modify( 'monday this week' );
			for ( $count = 0; $count < 7; ++$count ) {
				self::timeline( 'latepoint_calendar_daily_timeline', clone $day );
				$day->modify( '+1 day' );
			}
		} elseif ( 'calendars__day' === $route ) {
			self::timeline( 'latepoint_calendar_daily_timeline', $day );
		} else {
			self::timeline( 'latepoint_appointments_timeline', $day );
		}
		echo '</div>';
	}

	private static function side_menu() {
		$menus = array( array( 'id' => 'dashboard', 'label' => 'Dashboard', 'icon' => '', 'link' => admin_url( 'admin.php?page=latepoint' ), 'children' => array() ) );
		$role  = current_user_can( 'manage_options' ) ? 'admin' : 'agent';
		$menus = LATEPOINT_STANDIN_IS_4 ? apply_filters( 'latepoint_side_menu', $menus ) : apply_filters( 'latepoint_side_menu', $menus, $role );
		foreach ( $menus as $menu ) {
			$mark = empty( $menu['show_notice'] ) ? '' : ' latepoint-show-notice';
			printf( '<a class="side-menu-item%s" href="%s">%s</a>', esc_attr( $mark ), esc_url( $menu['link'] ?? '' ), esc_html( $menu['label'] ?? '' ) );
		}
	}

	/**
	 * One day of each agent (or of the one asked for), with what add-ons print into it: from top to bottom a box as high
	 * as the hours, on the dashboard a box without height in the middle of a row.
	 */
	private static function timeline( $action, OsWpDateTime $day ) {
		$wanted = (int) ( $_GET['agent_id'] ?? 0 );
		$period = ( new OsWorkPeriodModel() )->set_limit( 1 )->get_results_as_models();
		foreach ( ( new OsAgentModel() )->where( array( 'status' => 'active' ) )->get_results_as_models() as $agent ) {
			if ( $wanted && $wanted !== (int) $agent->id ) {
				continue;
			}
			$style = 'latepoint_appointments_timeline' === $action ? 'position: absolute; top: 50%; left: 0; right: 0' : 'position: relative; height: 600px';
			echo '<div class="agent-row" style="position: relative; min-height: 50px; margin: 10px">';
			printf( '<div class="periods" style="%s" data-agent-id="%d" data-date="%s">', esc_attr( $style ), (int) $agent->id, esc_attr( $day->format( 'Y-m-d' ) ) );
			do_action(
				$action,
				$day,
				array(
					'agent_id'           => $agent->id,
					'work_start_minutes' => (int) $period->start_time,
					'work_end_minutes'   => (int) $period->end_time,
					'work_total_minutes' => (int) $period->end_time - (int) $period->start_time,
					'location_id'        => 0,
					'service_id'         => 0,
				)
			);
			echo '</div></div>';
		}
	}

	private static function minutes( array $resources ): array {
		$minutes = array();
		foreach ( $resources as $resource ) {
			foreach ( $resource->slots as $minute => $slot ) {
				if ( $slot->can_accomodate() ) {
					$minutes[ $minute ] = $minute;
				}
			}
		}
		return $minutes;
	}

	private static function shown( $day, $minute, ?DateTimeZone $visitor ): array {
		if ( ! $visitor ) {
			return array( $day, $minute );
		}
		$moment = ( new OsWpDateTime( $day ) )->setTime( intdiv( $minute, 60 ), $minute % 60 )->setTimezone( $visitor );
		return array( $moment->format( 'Y-m-d' ), 60 * (int) $moment->format( 'G' ) + (int) $moment->format( 'i' ) );
	}
}
