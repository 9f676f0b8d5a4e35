<?php
/**
 * The buttons of the plugin's pages, and what they share.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Every change is a POST to admin-post.php with a nonce and a capability; the answer is shown once, on the page one comes back to.
 */
final class LateSync_Bridge_Forms {

	/** How long an answer waits to be shown. */
	const RESULT_KEPT_S = 5 * MINUTE_IN_SECONDS;

	/**
	 * Open a form; the caller prints its fields and `</form>`.
	 *
	 * @param string $action The part of the action behind "latesync_bridge_".
	 */
	public static function open( string $action ): void {
		printf( '<form method="post" action="%s" class="latesync-form">', esc_url( admin_url( 'admin-post.php' ) ) );
		printf( '<input type="hidden" name="action" value="%s">', esc_attr( self::full( $action ) ) );
		// Not wp_nonce_field(): several forms on one page would all carry the id "_wpnonce".
		printf( '<input type="hidden" name="_wpnonce" value="%s">', esc_attr( wp_create_nonce( self::full( $action ) ) ) );
	}

	/**
	 * Print a form that is one button.
	 *
	 * @param string $action The part of the action behind "latesync_bridge_".
	 * @param string $label  What the button says.
	 * @param string $css    The button's classes.
	 * @param array  $fields Hidden values by name.
	 * @param string $meant  For screen readers, where the label alone does not say what it is about.
	 */
	public static function button( string $action, string $label, string $css = 'button', array $fields = array(), string $meant = '' ): void {
		self::open( $action );
		foreach ( $fields as $name => $value ) {
			printf( '<input type="hidden" name="%s" value="%s">', esc_attr( $name ), esc_attr( $value ) );
		}
		$aria = '' === $meant ? '' : sprintf( ' aria-label="%s"', esc_attr( $meant ) );
		// phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- $aria is escaped above.
		printf( '<button type="submit" class="%s"%s>%s</button></form>', esc_attr( $css ), $aria, esc_html( $label ) );
	}

	/**
	 * Let nobody past but a person with the capability who pressed the button on our own page. Ends the request otherwise.
	 *
	 * @param string $action     The part of the action behind "latesync_bridge_".
	 * @param string $capability What they must be allowed to.
	 */
	public static function check( string $action, string $capability ): void {
		check_admin_referer( self::full( $action ) );
		if ( ! current_user_can( $capability ) ) {
			self::refuse();
		}
	}

	/** Say that this is not theirs, and end. */
	public static function refuse(): void {
		wp_die(
			esc_html__( 'Your WordPress account may not do this. Ask an administrator of this site.', 'latesync-bridge' ),
			'',
			array(
				'response'  => 403,
				'back_link' => true,
			)
		);
	}

	/**
	 * A posted text as it was typed.
	 *
	 * @param string $name The field; the caller checked the nonce.
	 */
	public static function posted( string $name ): string {
		// phpcs:ignore WordPress.Security -- Nonce checked by check(); a secret must stay as it is: each caller validates what it takes.
		$value = isset( $_POST[ $name ] ) ? wp_unslash( $_POST[ $name ] ) : '';
		return is_string( $value ) ? trim( $value ) : '';
	}

	/**
	 * Go back to a page and show an answer there. Ends the request.
	 *
	 * @param string $url   A page of this site.
	 * @param string $level 'success', 'warning', 'error' or 'info'; '' for no answer.
	 * @param string $text  A sentence.
	 */
	public static function back( string $url, string $level = '', string $text = '' ): void {
		if ( '' !== $level ) {
			set_transient( self::result_name(), array( $level, $text ), self::RESULT_KEPT_S );
		}
		wp_safe_redirect( $url );
		exit;
	}

	/** Print the answer that waits for this person, once. */
	public static function print_result(): void {
		$result = get_transient( self::result_name() );
		if ( is_array( $result ) && 2 === count( $result ) ) {
			delete_transient( self::result_name() );
			self::notice( (string) $result[0], (string) $result[1] );
		}
	}

	/**
	 * Print a notice in the flow of the page.
	 *
	 * @param string $level 'success', 'warning', 'error' or 'info'.
	 * @param string $text  A sentence.
	 */
	public static function notice( string $level, string $text ): void {
		$role = 'error' === $level ? 'alert' : 'status';
		printf( '<div class="notice notice-%s inline" role="%s"><p>%s</p></div>', esc_attr( $level ), esc_attr( $role ), esc_html( $text ) );
	}

	/**
	 * Print why a button may not do what it says; nothing without a doubt.
	 *
	 * @param string $text A sentence, or ''.
	 */
	public static function doubt( string $text ): void {
		if ( '' !== $text ) {
			echo '<p class="latesync-doubt">' . esc_html( $text ) . '</p>';
		}
	}

	/**
	 * The action's whole name, which is its nonce's too.
	 *
	 * @param string $action The part behind "latesync_bridge_".
	 */
	private static function full( string $action ): string {
		return 'latesync_bridge_' . $action;
	}

	/** Where this person's answer waits. */
	private static function result_name(): string {
		return 'latesync_bridge_result_' . get_current_user_id();
	}
}
