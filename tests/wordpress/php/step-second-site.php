<?php
/**
 * A network's second site.
 */

$made = wpmu_create_blog( (string) getenv( 'WP_TEST_HTTP_HOST' ), '/two/', 'Second salon', 1, array(), 1 );
if ( is_wp_error( $made ) ) {
	throw new RuntimeException( $made->get_error_message() );
}
update_blog_option( $made, 'timezone_string', 'Europe/Berlin' );
return $made;
