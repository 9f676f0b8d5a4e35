<?php
/**
 * Our own lint of the plugin's PHP, where neither `php -l` nor Debian's phpcs looks: what a page may print, what a
 * query may be made of, what PHP 7.4 does not have, and a few of WordPress' rules of style.
 *
 *     php php_code_rules.php FILE...      prints a JSON list of {file, line, rule, message}
 *
 * It reads tokens and follows one variable back to its assignments in the same function, no further. A line may be
 * excused by `// phpcs:ignore <sniff> -- <reason>`, the form WordPress' own tools read; without a reason it counts.
 *
 * @package LateSync_Bridge
 */

require __DIR__ . '/php_code/source.php';
require __DIR__ . '/php_code/output.php';
require __DIR__ . '/php_code/queries.php';
require __DIR__ . '/php_code/input.php';
require __DIR__ . '/php_code/translations.php';
require __DIR__ . '/php_code/php74.php';
require __DIR__ . '/php_code/style.php';
require __DIR__ . '/php_code/files.php';

$rules    = array(
	'check_output',
	'check_queries',
	'check_input',
	'check_translations',
	'check_php74',
	'check_style',
	'check_file',
);
$findings = array();
foreach ( array_slice( $argv, 1 ) as $path ) {
	$source = new Source( $path, (string) file_get_contents( $path ) );
	foreach ( $rules as $rule ) {
		foreach ( $rule( $source ) as list( $line, $name, $message ) ) {
			if ( ! $source->is_excused( $line ) || 'ignored-without-reason' === $name ) {
				$findings[] = array( 'file' => $path, 'line' => $line, 'rule' => $name, 'message' => $message );
			}
		}
	}
}
echo json_encode( $findings, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES ), "\n";
