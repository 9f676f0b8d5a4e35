<?php
/**
 * WordPress' own installation, for a template.
 */

wp_install( 'A test salon', 'admin', 'admin@example.test', true, '', 'admin' );
update_option( 'timezone_string', 'America/New_York' );
update_option( 'permalink_structure', '/%postname%/' );
return true;
