<?php
/**
 * Rules of WordPress' coding standard for which Debian's phpcs brings no sniff.
 *
 * @package LateSync_Bridge
 */

const COMPARISONS = array( T_IS_EQUAL, T_IS_NOT_EQUAL, T_IS_IDENTICAL, T_IS_NOT_IDENTICAL );

// Functions of PHP that WordPress replaces. json_encode stays: pure classes run without WordPress.
const REPLACED = array(
	'parse_url'         => 'wp_parse_url()',
	'current_time'      => 'time() or gmdate()',
	'wp_redirect'       => 'wp_safe_redirect()',
	'curl_init'         => 'the HTTP functions of WordPress, or a phpcs:ignore with the reason',
	'file_get_contents' => 'the HTTP functions of WordPress, or a phpcs:ignore with the reason',
	'fopen'             => 'WordPress, or a phpcs:ignore with the reason',
	'fsockopen'         => 'WordPress, or a phpcs:ignore with the reason',
	'base64_decode'     => 'nothing, or a phpcs:ignore with the reason',
	'base64_encode'     => 'nothing, or a phpcs:ignore with the reason',
);

function check_style( Source $source ): Generator {
	foreach ( $source->tokens as $at => $token ) {
		if ( in_array( $token->id, array( T_IS_EQUAL, T_IS_NOT_EQUAL ), true ) ) {
			yield array( $token->line, 'strict', "$token->text compares loosely: $token->text=" );
		}
		if ( in_array( $token->id, COMPARISONS, true ) && ! is_yoda( $source, $at ) ) {
			yield array( $token->line, 'yoda', 'the constant side of a comparison comes first' );
		}
		if ( '?' === $token->id && $source->is( $at + 1, ':' ) ) {
			yield array( $token->line, 'ternary', '?: hides what is returned: write the middle part' );
		}
		if ( $source->is_function_call( $at ) ) {
			$name = $source->name( $at );
			if ( in_array( $name, array( 'in_array', 'array_search' ), true ) && count( $source->arguments( $at ) ) < 3 ) {
				yield array( $token->line, 'strict', "$name compares loosely without a third argument" );
			}
			if ( isset( REPLACED[ $name ] ) ) {
				yield array( $token->line, 'replaced', "$name: use " . REPLACED[ $name ] );
			}
		}
		yield from check_brackets( $source, $at );
	}
	foreach ( $source->comments as $line => $comment ) {
		if ( preg_match( '/phpcs:(ignore|disable)(?!.* -- \S)/', $comment ) ) {
			yield array( $line, 'ignored-without-reason', 'phpcs:ignore names the sniff and, after " -- ", the reason' );
		}
	}
}

/** Wrong only when what stands before the sign is a variable (or an element or property of one) and after it is none. */
function is_yoda( Source $source, int $at ): bool {
	$before = $at - 1;
	while ( $source->is( $before, ']' ) ) {
		$before = $source->partner[ $before ] - 1;
	}
	if ( $source->is( $before, T_STRING ) && $source->is( $before - 1, T_OBJECT_OPERATOR ) ) {
		$before -= 2;
	}
	if ( ! $source->is( $before, T_VARIABLE ) ) {
		return true;
	}
	$after = $at + 1;
	if ( $source->is( $after, T_INT_CAST, T_STRING_CAST, T_BOOL_CAST, T_DOUBLE_CAST, T_ARRAY_CAST ) ) {
		++$after;
	}
	if ( $source->is( $after + 1, T_DOUBLE_COLON ) ) {
		$after += 2;
	}
	return $source->is( $after, T_VARIABLE );
}

/** Spaces inside parentheses; inside square brackets around an index unless it is a plain text or number. */
function check_brackets( Source $source, int $at ): Generator {
	$token = $source->at( $at );
	if ( '(' === $token->id && isset( $source->partner[ $at ] ) ) {
		$close = $source->partner[ $at ];
		$first = $source->at( $at + 1 )->gap;
		$last  = $source->at( $close )->gap;
		if ( $close === $at + 1 ? '' !== $last : ( '' === $first || '' === $last ) ) {
			yield array( $token->line, 'spacing', 'one space inside parentheses, none in empty ones' );
		}
	}
	$is_index = '[' === $token->id && $source->is( $at - 1, T_VARIABLE, ']', ')', T_STRING ) && isset( $source->partner[ $at ] );
	if ( $is_index && $source->partner[ $at ] > $at + 1 && ! inside_text( $source, $at ) ) {
		$close  = $source->partner[ $at ];
		$plain  = $close === $at + 2 && $source->is( $at + 1, T_CONSTANT_ENCAPSED_STRING, T_LNUMBER );
		$spaced = '' !== $source->at( $at + 1 )->gap && '' !== $source->at( $close )->gap;
		if ( $plain === $spaced ) {
			yield array( $token->line, 'spacing', "\$a['text'] and \$a[0], but \$a[ \$index ]" );
		}
	}
}

function inside_text( Source $source, int $at ): bool {
	return $source->is( $source->partner[ $at ] + 1, T_ENCAPSED_AND_WHITESPACE ) || $source->is( $at + 1, T_NUM_STRING )
		|| ( $source->is( $at + 1, T_STRING ) && $source->is( $at + 2, ']' ) && $source->is( $at + 3, '"' ) );
}
