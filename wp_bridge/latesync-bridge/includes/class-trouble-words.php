<?php
/**
 * What went wrong in the background, in words, each with its remedy.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/** Codes of LateSync_Bridge_Troubles in, translated sentences out. */
final class LateSync_Bridge_Trouble_Words {

	/**
	 * A trouble in words.
	 *
	 * @param string $code As noted.
	 */
	public static function sentence( string $code ): string {
		$sentences = self::sentences();
		// A code may carry a number: "refused_502".
		$kind = (string) preg_replace( '/_\d+$/', '', $code );
		return $sentences[ $kind ] ?? __( 'Something unexpected happened in the plugin. If it comes back, report it to whoever looks after LateSync.', 'latesync-bridge' );
	}

	/**
	 * What an expert wants to know beside the words.
	 *
	 * @param string $code   As noted.
	 * @param string $detail An id or a kind of error.
	 */
	public static function code( string $code, string $detail ): string {
		/* translators: %s: a code and a short technical detail, for example "tables latesync_busy". */
		return sprintf( __( 'Code: %s', 'latesync-bridge' ), trim( $code . ' ' . $detail ) );
	}

	/**
	 * All known troubles.
	 *
	 * @return string[] By code.
	 */
	private static function sentences(): array {
		return array(
			'tables'          => __( 'The plugin’s tables could not be created. Ask your hosting provider to allow this site’s database user CREATE and ALTER, then press “Create the tables”.', 'latesync-bridge' ),
			'busy_table'      => __( 'The table of busy times cannot be read, so busy time closes no slots. Press “Create the tables”; LateSync fills them again by itself.', 'latesync-bridge' ),
			'busy_row'        => __( 'An entry in the table of busy times could not be understood and was left out. LateSync repairs the table by itself; if this comes back, tell whoever looks after LateSync.', 'latesync-bridge' ),
			'busy_many'       => __( 'There are more busy times than one page of the booking form can take in, so some were left out. Connect fewer calendars that hold other people’s events.', 'latesync-bridge' ),
			'looking'         => __( 'LateSync could not be told that somebody looks at the booking form. Nothing is lost: it looks at the calendars by itself about once a minute.', 'latesync-bridge' ),
			'staff_calendar'  => __( 'Busy time could not be shown in LatePoint’s calendar for staff. It closes slots all the same.', 'latesync-bridge' ),
			'notes'           => __( 'What changed in LatePoint could not be gathered for LateSync. Nothing is lost: LateSync finds it by itself within seconds.', 'latesync-bridge' ),
			'courier'         => __( 'A note to LateSync could not be sent. Nothing is lost: LateSync finds what changed by itself within seconds.', 'latesync-bridge' ),
			'unreachable'     => __( 'LateSync could not be told of a change at once. Nothing is lost: it finds the change by itself within seconds of being back. Press “Test connection” under Settings: it says what is wrong.', 'latesync-bridge' ),
			'refused'         => __( 'LateSync refused a note from this site. Press “Test connection” under Settings: it says what is wrong.', 'latesync-bridge' ),
			'write_back'      => __( 'A move or cancellation made in an agent’s calendar could not be carried out in LatePoint. LateSync tries again; if this comes back, report it to whoever looks after LateSync.', 'latesync-bridge' ),
			'listener'        => __( 'A move or cancellation made in an agent’s calendar was carried out, but another plugin failed when it was told. Check that the customer got the message, and that plugin’s log.', 'latesync-bridge' ),
			'register'        => __( 'A part of the plugin could not start. Install the plugin again from its zip file: an upload may have broken off.', 'latesync-bridge' ),
			'latepoint_shape' => __( 'This LatePoint works differently from what the plugin knows, so busy time may not close slots. Update LateSync Bridge to a version made for your LatePoint.', 'latesync-bridge' ),
		);
	}
}
