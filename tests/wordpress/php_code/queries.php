<?php
/**
 * What a query may be made of: literals, the names of tables, and what `$wpdb->prepare()` filled in.
 *
 * @package LateSync_Bridge
 */

const QUERYING = array( 'query', 'get_results', 'get_row', 'get_col', 'get_var' );

/** Every query that is neither a literal nor prepared, and every prepared one with a value in its text. */
function check_queries( Source $source ): Generator {
	foreach ( $source->tokens as $at => $token ) {
		if ( ! is_wpdb_call( $source, $at ) ) {
			continue;
		}
		$method    = $source->name( $at );
		$arguments = $source->arguments( $at );
		if ( ! $arguments ) {
			continue;
		}
		if ( in_array( $method, QUERYING, true ) && ! is_safe_query( $source, $arguments[0], $at ) ) {
			yield array( $token->line, 'query', 'neither prepared nor a literal: ' . $source->text_of( $arguments[0] ) );
		}
		if ( 'prepare' === $method && ! is_fixed_sql( $source, $arguments[0], $at ) ) {
			yield array( $token->line, 'query', 'a value inside the text of prepare(): ' . $source->text_of( $arguments[0] ) );
		}
	}
	foreach ( $source->tokens as $at => $token ) {
		if ( in_array( $source->name( $at ), array( 'esc_sql', '_real_escape', 'mysqli_query' ), true ) ) {
			yield array( $token->line, 'query', $source->name( $at ) . ': use $wpdb->prepare()' );
		}
	}
}

function is_wpdb_call( Source $source, int $at ): bool {
	return $source->is( $at, T_STRING ) && $source->is( $at + 1, '(' ) && $source->is( $at - 1, T_OBJECT_OPERATOR )
		&& '$wpdb' === $source->at( $at - 2 )->text;
}

/** A prepared query, fixed text, or a variable that is given nothing else in this function. */
function is_safe_query( Source $source, array $span, int $near ): bool {
	list( $first, $last ) = $span;
	if ( is_prepare( $source, $span ) ) {
		return true;
	}
	if ( $first === $last && T_VARIABLE === $source->at( $first )->id ) {
		$given = $source->assignments( $source->at( $first )->text, $source->function_around( $near ) );
		foreach ( $given as $assigned ) {
			if ( ! is_prepare( $source, $assigned ) && ! is_fixed_sql( $source, $assigned, $near ) ) {
				return false;
			}
		}
		return (bool) $given;
	}
	return is_fixed_sql( $source, $span, $near );
}

function is_prepare( Source $source, array $span ): bool {
	list( $first, $last ) = $span;
	return '$wpdb' === $source->at( $first )->text && 'prepare' === $source->name( $first + 2 )
		&& ( $source->partner[ $first + 3 ] ?? 0 ) === $last;
}

/** Text without values: literals, and in them or between them only names of tables and lists of placeholders. */
function is_fixed_sql( Source $source, array $span, int $near ): bool {
	foreach ( $source->split( $span, '.' ) as $part ) {
		if ( $source->is( $part[0], '"' ) && $source->is( $part[1], '"' ) ) {
			if ( ! is_fixed_interpolation( $source, $part, $near ) ) {
				return false;
			}
		} elseif ( $part[0] === $part[1] && $source->is( $part[0], T_CONSTANT_ENCAPSED_STRING, T_LNUMBER ) ) {
			continue;
		} elseif ( ! is_fixed_name( $source, $part, $near ) ) {
			return false;
		}
	}
	return true;
}

function is_fixed_interpolation( Source $source, array $part, int $near ): bool {
	for ( $at = $part[0] + 1; $at < $part[1]; $at++ ) {
		if ( $source->is( $at, T_CURLY_OPEN ) ) {
			$close = $source->partner[ $at ];
			$inner = array( $at + 1, $close - 1 );
			$at    = $close;
		} elseif ( $source->is( $at, T_VARIABLE ) ) {
			$end   = $source->is( $at + 1, T_OBJECT_OPERATOR ) ? $at + 2 : $at;
			$inner = array( $at, $end );
			$at    = $end;
		} else {
			continue;
		}
		if ( ! is_fixed_name( $source, $inner, $near ) ) {
			return false;
		}
	}
	return true;
}

/** Names that no visitor chooses: `$wpdb->prefix` and its like, our own tables, `%d` repeated for a list. */
function is_fixed_name( Source $source, array $span, int $near ): bool {
	$text = $source->text_of( $span );
	if ( is_fixed_expression( $text ) ) {
		return true;
	}
	if ( ! preg_match( '/^\$\w+$/', $text ) ) {
		return false;
	}
	$given = $source->assignments( $text, $source->function_around( $near ) );
	foreach ( $given as $assigned ) {
		if ( ! is_fixed_expression( $source->text_of( $assigned ) ) && ! is_fixed_sql( $source, $assigned, $near ) ) {
			return false;
		}
	}
	return (bool) $given;
}

function is_fixed_expression( string $text ): bool {
	$fixed = array(
		'\$wpdb->(prefix|base_prefix|options|usermeta|users|sitemeta|blogs|postmeta|posts)',
		'\$wpdb->get_charset_collate\(\)',
		'\$wpdb->get_blog_prefix\( ?(\$\w+|\(int\) ?\$\w+)? ?\)',
		'(self|static|LateSync_Bridge_\w+)::[A-Z_]+',
		'(self|LateSync_Bridge_Tables)::(busy|accounts|replays|answers|prefix|table)\([^$]*\)',
		'(LATEPOINT_TABLE_[A-Z_]+)',
		"implode\\( ?', ?', array_fill\\( 0, count\\( \\$\\w+ \\), '%[ds]' \\) ?\\)",
	);
	return (bool) preg_match( '/^(' . implode( '|', $fixed ) . ')$/', $text );
}
