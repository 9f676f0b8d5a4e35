<?php
/**
 * Syntax and functions that PHP 7.4 does not have; `php -l` of a newer PHP is content with them.
 *
 * @package LateSync_Bridge
 */

const NEWER_FUNCTIONS = array(
	'str_contains', 'str_starts_with', 'str_ends_with', 'get_debug_type', 'get_resource_id', 'fdiv', 'array_is_list',
	'preg_last_error_msg', 'enum_exists', 'fsync', 'fdatasync', 'json_validate', 'mb_str_pad', 'array_find',
	'array_find_key', 'array_any', 'array_all', 'mb_trim', 'mb_ltrim', 'mb_rtrim', 'mb_ucfirst', 'mb_lcfirst',
	'str_increment', 'str_decrement', 'ini_parse_quantity', 'memory_reset_peak_usage', 'iterator_count_all',
	'array_first', 'array_last',
);

/** Everything that needs PHP 8. */
function check_php74( Source $source ): Generator {
	$newer_tokens = array(
		T_MATCH                    => 'match',
		T_NULLSAFE_OBJECT_OPERATOR => '?->',
		T_ENUM                     => 'enum',
		T_READONLY                 => 'readonly',
	);
	foreach ( $source->tokens as $at => $token ) {
		if ( isset( $newer_tokens[ $token->id ] ) ) {
			yield array( $token->line, 'php74', $newer_tokens[ $token->id ] . ' needs PHP 8' );
		} elseif ( T_FUNCTION === $token->id || T_FN === $token->id ) {
			yield from check_signature( $source, $at );
		} elseif ( '(' === $token->id && $source->is( $at + 1, T_ELLIPSIS ) && $source->is( $at + 2, ')' ) ) {
			yield array( $token->line, 'php74', 'a first-class callable, f(...), needs PHP 8.1' );
		} elseif ( is_named_argument( $source, $at ) ) {
			yield array( $token->line, 'php74', "the named argument $token->text: needs PHP 8" );
		} elseif ( T_CATCH === $token->id && ! $source->is( $source->partner[ $at + 1 ] - 1, T_VARIABLE ) ) {
			yield array( $token->line, 'php74', 'catch without a variable needs PHP 8' );
		} elseif ( T_THROW === $token->id && ! $source->is( $at - 1, ';', '{', '}', ':', ')', T_OPEN_TAG, T_ELSE ) ) {
			yield array( $token->line, 'php74', 'throw inside an expression needs PHP 8' );
		} elseif ( T_CLASS === $token->id && $source->is( $at - 1, T_DOUBLE_COLON ) && $source->is( $at - 2, T_VARIABLE ) ) {
			yield array( $token->line, 'php74', '$object::class needs PHP 8: get_class()' );
		} elseif ( in_array( $source->name( $at ), NEWER_FUNCTIONS, true ) && $source->is_function_call( $at ) ) {
			yield array( $token->line, 'php74', $token->text . '() is not in PHP 7.4' );
		} elseif ( T_LNUMBER === $token->id && preg_match( '/^0o/i', $token->text ) ) {
			yield array( $token->line, 'php74', '0o… needs PHP 8.1' );
		} elseif ( T_CONST === $token->id && is_typed_constant( $source, $at ) ) {
			yield array( $token->line, 'php74', 'a constant with a type needs PHP 8.3' );
		} elseif ( is_typed_property( $source, $at ) && preg_match( '/[|&]|\bmixed\b/', $source->text_of( property_type( $source, $at ) ) ) ) {
			yield array( $token->line, 'php74', 'a union or mixed property type needs PHP 8' );
		} elseif ( 0 === stripos( $token->text, 'strict_types' ) && $source->is( $at - 2, T_DECLARE ) ) {
			yield array( $token->line, 'php74', 'no strict_types: WordPress hands its callbacks what it likes' );
		}
	}
}

/** Types, defaults and commas of a function's parameters, and what it returns. */
function check_signature( Source $source, int $at ): Generator {
	$line = $source->at( $at )->line;
	$open = $at;
	while ( ! $source->is( $open, '(' ) ) {
		++$open;
	}
	$close = $source->partner[ $open ];
	for ( $inside = $open + 1; $inside < $close; $inside++ ) {
		if ( $source->is( $inside, T_PUBLIC, T_PROTECTED, T_PRIVATE ) ) {
			yield array( $line, 'php74', 'a promoted constructor property needs PHP 8' );
		}
		if ( $source->is( $inside, T_NEW ) ) {
			yield array( $line, 'php74', 'new as a default value needs PHP 8.1' );
		}
		if ( is_newer_type( $source, $inside ) ) {
			yield array( $line, 'php74', 'the parameter type ' . $source->at( $inside )->text . ' needs PHP 8' );
		}
	}
	if ( $source->is( $close - 1, ',' ) ) {
		yield array( $line, 'php74', 'a comma after the last parameter needs PHP 8' );
	}
	$after = $close + 1;
	if ( $source->is( $after, T_USE ) ) {
		$after = $source->partner[ $after + 1 ] + 1;
		if ( $source->is( $after - 2, ',' ) ) {
			yield array( $line, 'php74', 'a comma at the end of use ( … ) needs PHP 8' );
		}
	}
	if ( $source->is( $after, ':' ) ) {
		$span = array( $after + 1, $after + 1 );
		while ( ! $source->is( $span[1] + 1, '{', ';', T_DOUBLE_ARROW ) ) {
			++$span[1];
		}
		$type = $source->text_of( $span );
		if ( preg_match( '/[|&]|^\??(mixed|never|static|false|null|true)$/i', $type ) ) {
			yield array( $line, 'php74', "the return type $type needs PHP 8" );
		}
	}
}

/** A "|" or "mixed" between a parameter's neighbours; "|" of a default value stands after its "=". */
function is_newer_type( Source $source, int $inside ): bool {
	if ( 'mixed' === strtolower( $source->at( $inside )->text ) && $source->is( $inside + 1, T_VARIABLE, T_ELLIPSIS ) ) {
		return true;
	}
	if ( ! $source->is( $inside, '|' ) ) {
		return false;
	}
	for ( $back = $inside; ! $source->is( $back, '(', ',' ); $back-- ) {
		if ( $source->is( $back, '=' ) ) {
			return false;
		}
	}
	return true;
}

/** `name:` right after "(" or ","; the ":" of "? :" and of "::" never stands there. */
function is_named_argument( Source $source, int $at ): bool {
	return $source->is( $at, T_STRING ) && $source->is( $at - 1, '(', ',' ) && $source->is( $at + 1, ':' );
}

function is_typed_constant( Source $source, int $at ): bool {
	return $source->is( $at + 1, T_STRING, T_ARRAY ) && $source->is( $at + 2, T_STRING ) && $source->is( $at + 3, '=' );
}

function is_typed_property( Source $source, int $at ): bool {
	if ( ! $source->is( $at, T_PUBLIC, T_PROTECTED, T_PRIVATE ) ) {
		return false;
	}
	$span = property_type( $source, $at );
	return $span[1] >= $span[0];
}

/** From after the visibility (and static) to before the variable; empty when it is a method or a constant. */
function property_type( Source $source, int $at ): array {
	$first = $source->is( $at + 1, T_STATIC ) ? $at + 2 : $at + 1;
	for ( $last = $first; ! $source->is( $last, T_VARIABLE ); $last++ ) {
		if ( $source->is( $last, T_FUNCTION, T_CONST, ';', '' ) ) {
			return array( 1, 0 );
		}
	}
	return array( $first, $last - 1 );
}
