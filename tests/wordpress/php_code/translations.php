<?php
/**
 * Sentences for people: literal, of our text domain, and with a note for translators where something is filled in.
 *
 * @package LateSync_Bridge
 */

const TEXT_DOMAIN = 'latesync-bridge';

// Function => number of sentences at its beginning.
const TRANSLATING = array(
	'__' => 1, '_e' => 1, '_x' => 1, '_ex' => 1, 'esc_html__' => 1, 'esc_html_e' => 1, 'esc_html_x' => 1,
	'esc_attr__' => 1, 'esc_attr_e' => 1, 'esc_attr_x' => 1, '_n' => 2, '_nx' => 2, '_n_noop' => 2, '_nx_noop' => 2,
);

/** Sentences that a translator would not get, or not understand. */
function check_translations( Source $source ): Generator {
	foreach ( $source->tokens as $at => $token ) {
		$name = $token->text;
		if ( ! isset( TRANSLATING[ $name ] ) || ! $source->is_function_call( $at ) ) {
			continue;
		}
		$arguments = $source->arguments( $at );
		$domain    = $source->text_of( end( $arguments ) ?: array( 1, 0 ) );
		if ( "'" . TEXT_DOMAIN . "'" !== $domain || count( $arguments ) < 2 ) {
			yield array( $token->line, 'text-domain', "$name: the last argument is not '" . TEXT_DOMAIN . "'" );
		}
		foreach ( array_slice( $arguments, 0, TRANSLATING[ $name ] ) as $sentence ) {
			if ( $sentence[0] !== $sentence[1] || ! $source->is( $sentence[0], T_CONSTANT_ENCAPSED_STRING ) ) {
				yield array( $token->line, 'sentence', "$name: not a literal, so no translator will see it" );
				continue;
			}
			$text   = $source->at( $sentence[0] )->text;
			$filled = preg_match_all( '/%(\d+\$)?[sdF]/', str_replace( '%%', '', $text ), $places );
			if ( $filled > 1 && in_array( '', $places[1], true ) ) {
				yield array( $token->line, 'sentence', "$name: several placeholders must be numbered (%1\$s, %2\$s)" );
			}
			if ( $filled && ! has_translators_note( $source, $at ) ) {
				yield array( $token->line, 'sentence', "$name: what is filled in needs a /* translators: … */ above it" );
			}
		}
	}
}

/** WordPress' tools and xgettext take the note from the line above the call, or from its own. */
function has_translators_note( Source $source, int $at ): bool {
	$line = $source->at( $at )->line;
	foreach ( array( $line, $line - 1 ) as $place ) {
		if ( preg_match( '/translators:/i', $source->comments[ $place ] ?? '' ) ) {
			return true;
		}
	}
	return false;
}
