<?php
/**
 * The settings: which LateSync this site talks to.
 *
 * @package LateSync_Bridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Takes a connection string, or an address and a secret; tests the connection; forgets it.
 *
 * Shown as a tab of the LateSync page. The stored secret never leaves the server again. Refused input changes nothing.
 */
final class LateSync_Bridge_Settings_Page {

	/** Add the actions of the page's forms. */
	public static function register(): void {
		add_action( 'admin_post_latesync_bridge_connect', array( __CLASS__, 'connect' ) );
		add_action( 'admin_post_latesync_bridge_save', array( __CLASS__, 'save' ) );
		add_action( 'admin_post_latesync_bridge_test', array( __CLASS__, 'test' ) );
		add_action( 'admin_post_latesync_bridge_disconnect', array( __CLASS__, 'disconnect' ) );
		add_action( 'admin_post_latesync_bridge_moved', array( __CLASS__, 'moved' ) );
	}

	/** Where the settings are. */
	public static function url(): string {
		return LateSync_Bridge_Status_Page::url( array( 'tab' => 'settings' ) );
	}

	/** Print the tab. */
	public static function render(): void {
		if ( LateSync_Bridge_Home::is_copy() ) {
			self::render_copy();
			echo '<h2>' . esc_html__( 'Connect to another LateSync', 'latesync-bridge' ) . '</h2>';
		} elseif ( LateSync_Bridge_Settings::is_connected() ) {
			self::render_connected();
			echo '<h2>' . esc_html__( 'Connect to another LateSync', 'latesync-bridge' ) . '</h2>';
		} else {
			echo '<h2>' . esc_html__( 'Connect to LateSync', 'latesync-bridge' ) . '</h2>';
			echo '<p>' . esc_html__( 'LateSync runs on your own server and keeps your agents’ calendars and your bookings in step. Tell this site where it is.', 'latesync-bridge' ) . '</p>';
		}
		self::render_connection_string();
		self::render_by_hand();
	}

	/** Take the pasted connection string. */
	public static function connect(): void {
		LateSync_Bridge_Forms::check( 'connect', 'manage_options' );
		$parts = LateSync_Bridge_Connection_String::parse( LateSync_Bridge_Forms::posted( 'connection' ) );
		if ( '' !== $parts['error'] ) {
			LateSync_Bridge_Forms::back( self::url(), 'error', LateSync_Bridge_Connection_Words::bad_input( $parts['error'] ) );
		}
		unset( $parts['error'] );
		self::keep( $parts );
	}

	/** Take an address and, unless it stays, a secret. */
	public static function save(): void {
		LateSync_Bridge_Forms::check( 'save', 'manage_options' );
		$address = LateSync_Bridge_Connection_String::clean_address( LateSync_Bridge_Forms::posted( 'address' ) );
		$secret  = LateSync_Bridge_Forms::posted( 'secret' );
		$error   = '' !== $address['error'] ? $address['error'] : self::trouble_with_secret( $secret );
		if ( '' !== $error ) {
			LateSync_Bridge_Forms::back( self::url(), 'error', LateSync_Bridge_Connection_Words::bad_input( $error ) );
		}
		$parts = array( 'address' => $address['address'] );
		if ( '' !== $secret ) {
			$parts['secret'] = $secret;
		}
		// Another LateSync has another id; its first answer tells it.
		if ( '' !== $secret || LateSync_Bridge_Settings::get( 'address' ) !== $parts['address'] ) {
			$parts['site'] = '';
		}
		self::keep( $parts );
	}

	/** Greet LateSync and say how it went. */
	public static function test(): void {
		LateSync_Bridge_Forms::check( 'test', 'manage_options' );
		list( $level, $text ) = LateSync_Bridge_Connection_Words::outcome( LateSync_Bridge_Greetings::ask() );
		LateSync_Bridge_Forms::back( self::url(), $level, $text );
	}

	/** The site is the same, its address is another: go on with the LateSync it was connected to. */
	public static function moved(): void {
		LateSync_Bridge_Forms::check( 'moved', 'manage_options' );
		self::keep( array( 'address' => LateSync_Bridge_Settings::get( 'address' ) ) );
	}

	/** Forget LateSync. */
	public static function disconnect(): void {
		LateSync_Bridge_Forms::check( 'disconnect', 'manage_options' );
		LateSync_Bridge_Settings::set(
			array(
				'address'         => '',
				'secret'          => '',
				'site'            => '',
				'daemon_version'  => '',
				'daemon_protocol' => 0,
			)
		);
		LateSync_Bridge_Home::remember( array() );
		LateSync_Bridge_Greetings::forget();
		LateSync_Bridge_Forms::back(
			self::url(),
			'success',
			__( 'Disconnected. This site no longer tells LateSync of changes. Busy time that is already stored keeps closing slots; to end that too, deactivate the plugin.', 'latesync-bridge' )
		);
	}

	/**
	 * Store what was taken, try it at once, and say how that went. What belongs to another site is put back.
	 *
	 * @param array $parts Settings by name.
	 */
	private static function keep( array $parts ): void {
		$before = array( LateSync_Bridge_Home::SETTING => LateSync_Bridge_Home::remembered() );
		foreach ( array_keys( $parts ) as $name ) {
			$before[ $name ] = LateSync_Bridge_Settings::get( $name );
		}
		LateSync_Bridge_Settings::set( $parts );
		LateSync_Bridge_Home::remember();
		LateSync_Bridge_Greetings::forget();
		$result               = LateSync_Bridge_Greetings::ask();
		list( $level, $text ) = LateSync_Bridge_Connection_Words::outcome( $result );
		if ( LateSync_Bridge_Greetings::OTHER_SITE === $result['code'] ) {
			LateSync_Bridge_Settings::set( $before );
			LateSync_Bridge_Greetings::forget();
			LateSync_Bridge_Forms::back( self::url(), 'error', LateSync_Bridge_Connection_Words::unchanged( $text ) );
		}
		if ( $result['ok'] && LateSync_Bridge_Greetings::serves_another_site( $result['home'] ) ) {
			// It works for that site, so this one keeps quiet.
			LateSync_Bridge_Home::remember( array( LateSync_Bridge_Home::mark( $result['home'] ) ) );
		}
		if ( LateSync_Bridge_Connection_String::is_exposed( $parts['address'] ) ) {
			$level = 'success' === $level ? 'warning' : $level;
			$text .= ' ' . __( 'The address begins with http://, so whoever sits on the way can read along. Give LateSync a certificate and use https://.', 'latesync-bridge' );
		}
		$saved = 'error' === $level ? __( 'Saved, but it does not work yet.', 'latesync-bridge' ) : __( 'Saved.', 'latesync-bridge' );
		LateSync_Bridge_Forms::back( self::url(), $level, $saved . ' ' . $text );
	}

	/**
	 * The code of what is wrong with a typed secret, or ''.
	 *
	 * @param string $secret '' keeps the stored one.
	 */
	private static function trouble_with_secret( string $secret ): string {
		return '' === $secret && '' === LateSync_Bridge_Settings::get( 'secret' ) ? 'secret_empty' : '';
	}

	/** That this site is perhaps a copy, and the two ways on. */
	private static function render_copy(): void {
		echo '<h2>' . esc_html__( 'Has this site moved, or is it a copy?', 'latesync-bridge' ) . '</h2>';
		LateSync_Bridge_Forms::notice( 'warning', LateSync_Bridge_Home::sentence() );
		echo '<p>' . esc_html__( 'Moved: customers book here from now on. Answer the same question in LateSync; everything then goes on as before.', 'latesync-bridge' ) . '</p>';
		LateSync_Bridge_Forms::button( 'moved', __( 'It has moved here: go on', 'latesync-bridge' ), 'button button-primary' );
		echo '<p>' . esc_html__( 'A copy, for trying things out: disconnect it, or connect it to a LateSync of its own. The real site’s calendars are not touched from here.', 'latesync-bridge' ) . '</p>';
		LateSync_Bridge_Forms::button( 'disconnect', __( 'It is a copy: disconnect', 'latesync-bridge' ), 'button' );
	}

	/** What is connected, and how to try or end it. */
	private static function render_connected(): void {
		echo '<h2>' . esc_html__( 'Connection', 'latesync-bridge' ) . '</h2>';
		/* translators: %s: LateSync's address. */
		$text = __( 'This site talks to LateSync at %s. The secret is stored.', 'latesync-bridge' );
		echo '<p>' . wp_kses( sprintf( esc_html( $text ), '<strong>' . esc_html( LateSync_Bridge_Settings::get( 'address' ) ) . '</strong>' ), array( 'strong' => array() ) ) . '</p>';
		LateSync_Bridge_Forms::button( 'test', __( 'Test connection', 'latesync-bridge' ), 'button button-primary' );
		// Two clicks, because the secret is gone after the second.
		echo '<details class="latesync-more"><summary>' . esc_html__( 'Disconnect this site', 'latesync-bridge' ) . '</summary>';
		echo '<p>' . esc_html__( 'This site then tells LateSync nothing any more, and its agents cannot sign in from here. To connect again you need the connection string.', 'latesync-bridge' ) . '</p>';
		LateSync_Bridge_Forms::button( 'disconnect', __( 'Disconnect', 'latesync-bridge' ), 'button latesync-danger' );
		echo '</details>';
	}

	/** The form most people use. */
	private static function render_connection_string(): void {
		LateSync_Bridge_Forms::open( 'connect' );
		?>
		<p>
			<label for="latesync-connection"><strong><?php esc_html_e( 'Connection string', 'latesync-bridge' ); ?></strong></label><br>
			<textarea id="latesync-connection" name="connection" rows="4" class="large-text code" autocomplete="off" autocapitalize="off" spellcheck="false" aria-describedby="latesync-connection-help" placeholder="latesync:…"></textarea>
			<span id="latesync-connection-help" class="description"><?php esc_html_e( 'Copy it from LateSync’s page “WordPress”. It begins with “latesync:” and holds the address and the secret.', 'latesync-bridge' ); ?></span>
		</p>
		<p><button type="submit" class="button <?php echo LateSync_Bridge_Settings::is_connected() ? '' : 'button-primary'; ?>"><?php esc_html_e( 'Connect', 'latesync-bridge' ); ?></button></p>
		</form>
		<?php
	}

	/** The form for those who know address and secret. */
	private static function render_by_hand(): void {
		$is_stored = '' !== LateSync_Bridge_Settings::get( 'secret' );
		echo '<details class="latesync-more"><summary>' . esc_html__( 'Enter address and secret by hand', 'latesync-bridge' ) . '</summary>';
		LateSync_Bridge_Forms::open( 'save' );
		?>
		<p>
			<label for="latesync-address"><strong><?php esc_html_e( 'LateSync’s address', 'latesync-bridge' ); ?></strong></label><br>
			<input type="url" id="latesync-address" name="address" class="regular-text code" required value="<?php echo esc_attr( LateSync_Bridge_Settings::get( 'address' ) ); ?>" placeholder="https://sync.example.com">
		</p>
		<p>
			<label for="latesync-secret"><strong><?php esc_html_e( 'Shared secret', 'latesync-bridge' ); ?></strong></label><br>
			<input type="password" id="latesync-secret" name="secret" class="regular-text code" autocomplete="new-password" aria-describedby="latesync-secret-help" <?php echo $is_stored ? '' : 'required'; ?>>
			<span id="latesync-secret-help" class="description">
				<?php
				echo $is_stored
					? esc_html__( 'A secret is stored and is not shown again. Leave this empty to keep it.', 'latesync-bridge' )
					: esc_html__( 'The value of LATESYNC_BRIDGE_SECRET on LateSync’s server.', 'latesync-bridge' );
				?>
			</span>
		</p>
		<p><button type="submit" class="button"><?php esc_html_e( 'Save', 'latesync-bridge' ); ?></button></p>
		</form></details>
		<?php
	}
}
