<?php
/**
 * Activates the stand-in for LatePoint through WordPress, with people and a page for its booking form.
 */

$failed = activate_plugin( 'latepoint/latepoint.php' );
if ( is_wp_error( $failed ) ) {
	throw new RuntimeException( $failed->get_error_message() );
}
$people = array(
	'anna'  => 'latepoint_agent',
	'guest' => 'subscriber',
);
foreach ( $people as $login => $role ) {
	$user_id = username_exists( $login );
	if ( ! $user_id ) {
		$user_id = wp_create_user( $login, $login, "$login@example.test" );
	}
	if ( is_multisite() ) {
		add_user_to_blog( get_current_blog_id(), $user_id, $role );
	}
	( new WP_User( $user_id ) )->set_role( $role );
}
LatePoint_Standin_Seed::people_and_services( username_exists( 'anna' ) );
wp_insert_post(
	array(
		'post_type'    => 'page',
		'post_status'  => 'publish',
		'post_name'    => 'book',
		'post_title'   => 'Book',
		'post_content' => '[latepoint_book_form]',
	)
);
flush_rewrite_rules( false );
return true;
