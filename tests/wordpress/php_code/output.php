<?php
/**
 * What a page may print: literals, numbers, and what went through one of WordPress' escaping functions.
 *
 * @package LateSync_Bridge
 */

const ESCAPING = array(
	'absint', 'checked', 'count', 'disabled', 'esc_attr', 'esc_attr__', 'esc_attr_x', 'esc_html', 'esc_html__',
	'esc_html_x', 'esc_js', 'esc_textarea', 'esc_url', 'esc_xml', 'intval', 'number_format_i18n', 'rawurlencode',
	'selected', 'wp_kses', 'wp_kses_data', 'wp_kses_post', 'wp_create_nonce',
);

// They give back nothing but what they were given, so their arguments decide.
const PASSING = array( 'sprintf', 'implode', 'join', 'str_repeat', 'ucfirst', 'trim' );

// They print a translation as it is.
const RAW_PRINTERS = array( '_e' => 'esc_html_e', '_ex' => 'esc_html_x with echo', 'vprintf' => 'printf' );

/** Everything printed without escaping. */
function check_output( Source $source ): Generator {
	foreach ( $source->tokens as $at => $token ) {
		foreach ( printed_spans( $source, $at ) as $span ) {
			foreach ( unsafe_parts( $source, $span ) as $part ) {
				yield array( $token->line, 'output', 'printed without escaping: ' . $source->text_of( $part ) );
			}
		}
		$name = $source->name( $at );
		if ( isset( RAW_PRINTERS[ $name ] ) && $source->is_function_call( $at ) ) {
			yield array( $token->line, 'output', "$name prints unescaped: use " . RAW_PRINTERS[ $name ] );
		}
	}
}

function printed_spans( Source $source, int $at ): array {
	if ( $source->is( $at, T_ECHO, T_OPEN_TAG_WITH_ECHO ) ) {
		return $source->split( $source->statement( $at + 1 ), ',' );
	}
	if ( $source->is( $at, T_PRINT ) ) {
		return array( $source->statement( $at + 1 ) );
	}
	if ( $source->is( $at, T_EXIT ) && $source->is( $at + 1, '(' ) && ! $source->is( $at + 2, ')' ) ) {
		return array( array( $at + 2, $source->partner[ $at + 1 ] - 1 ) );
	}
	if ( in_array( $source->name( $at ), array( 'printf', 'wp_die' ), true ) && $source->is_function_call( $at ) ) {
		$arguments = $source->arguments( $at );
		return 'wp_die' === $source->name( $at ) ? array_slice( $arguments, 0, 2 ) : $arguments;
	}
	return array();
}

/** The operands of an expression that may carry markup from outside, each a span. */
function unsafe_parts( Source $source, array $span ): array {
	$unsafe = array();
	foreach ( $source->split( $span, '.' ) as $part ) {
		$branches = $source->split( $part, '?', ':', T_COALESCE );
		if ( count( $branches ) > 1 ) {
			$printed = $source->split( $part, T_COALESCE );
			$printed = count( $printed ) > 1 ? $printed : array_slice( $branches, 1 ); // the condition is not printed
			foreach ( $printed as $branch ) {
				$unsafe = array_merge( $unsafe, unsafe_parts( $source, $branch ) );
			}
		} elseif ( ! is_safe_operand( $source, $part ) ) {
			$unsafe = array_merge( $unsafe, unsafe_inside( $source, $part ) );
		}
	}
	return $unsafe;
}

function is_safe_operand( Source $source, array $part ): bool {
	list( $first, $last ) = $part;
	if ( $source->is( $first, T_INT_CAST, T_DOUBLE_CAST, T_BOOL_CAST ) ) {
		return true;
	}
	if ( $first === $last ) {
		$literals = array( T_CONSTANT_ENCAPSED_STRING, T_LNUMBER, T_DNUMBER );
		return $source->is( $first, ...$literals ) || in_array( $source->at( $first )->text, array( 'PHP_EOL' ), true );
	}
	return in_array( $source->name( $first ), ESCAPING, true ) && is_one_call( $source, $part );
}

function is_one_call( Source $source, array $part ): bool {
	return $source->is_function_call( $part[0] ) && ( $source->partner[ $part[0] + 1 ] ?? 0 ) === $part[1];
}

/** Looks into parentheses and into functions that only pass their arguments on; whatever else it is, it is unsafe. */
function unsafe_inside( Source $source, array $part ): array {
	if ( $source->is( $part[0], '(' ) && $source->partner[ $part[0] ] === $part[1] ) {
		return unsafe_parts( $source, array( $part[0] + 1, $part[1] - 1 ) );
	}
	$passing = in_array( $source->name( $part[0] ), PASSING, true ) && is_one_call( $source, $part );
	if ( ! $passing ) {
		return array( $part );
	}
	$unsafe = array();
	foreach ( $source->arguments( $part[0] ) as $argument ) {
		if ( ! maps_to_escaped( $source, $argument ) ) {
			$unsafe = array_merge( $unsafe, unsafe_parts( $source, $argument ) );
		}
	}
	return $unsafe;
}

/** array_map( 'esc_html', … ): each piece of an implode went through it. */
function maps_to_escaped( Source $source, array $argument ): bool {
	if ( 'array_map' !== $source->name( $argument[0] ) || ! is_one_call( $source, $argument ) ) {
		return false;
	}
	$callback = trim( $source->text_of( $source->arguments( $argument[0] )[0] ), '\'"' );
	return in_array( $callback, ESCAPING, true );
}
