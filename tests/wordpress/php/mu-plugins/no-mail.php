<?php
/**
 * Test sites send no mail.
 */

add_filter( 'pre_wp_mail', '__return_true' );
