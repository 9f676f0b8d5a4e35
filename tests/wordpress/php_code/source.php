<?php
/**
 * A PHP file as a list of tokens without white space and comments, and the questions the rules ask about it.
 *
 * @package LateSync_Bridge
 */

/** One token. `id` is PHP's token number, or the character itself for the one-character tokens. */
final class Token {
	/** @var int|string */
	public $id;
	/** @var string */
	public $text;
	/** @var int */
	public $line;
	/** @var string White space and comments between the token before and this one. */
	public $gap;

	public function __construct( $id, string $text, int $line, string $gap ) {
		$this->id   = $id;
		$this->text = $text;
		$this->line = $line;
		$this->gap  = $gap;
	}
}

/** The tokens of one file. All positions are indexes into `$tokens`; spans are array( first, last ), both included. */
final class Source {
	/** @var string */
	public $path;
	/** @var string */
	public $text;
	/** @var Token[] */
	public $tokens = array();
	/** @var string What follows the last token. */
	public $tail = '';
	/** @var array<int, string> The comments' text by each line they stand on. */
	public $comments = array();
	/** @var array<int, int> Position of the closing bracket by that of the opening one, and the other way round. */
	public $partner = array();

	private const OPENING = array( '(', '[', '{', T_CURLY_OPEN, T_DOLLAR_OPEN_CURLY_BRACES );
	private const CLOSING = array( ')', ']', '}' );

	public function __construct( string $path, string $text ) {
		$this->path = $path;
		$this->text = $text;
		$this->read( $text );
		$this->pair();
	}

	private function read( string $text ): void {
		$line = 1;
		$gap  = '';
		foreach ( token_get_all( $text ) as $part ) {
			list( $id, $content ) = is_array( $part ) ? $part : array( $part, $part );
			if ( in_array( $id, array( T_WHITESPACE, T_COMMENT, T_DOC_COMMENT ), true ) ) {
				$gap .= $content;
				if ( T_WHITESPACE !== $id ) {
					foreach ( explode( "\n", rtrim( $content, "\n" ) ) as $offset => $row ) {
						$this->comments[ $line + $offset ] = ( $this->comments[ $line + $offset ] ?? '' ) . $row;
					}
				}
			} else {
				$this->tokens[] = new Token( $id, $content, $line, $gap );
				$gap            = '';
			}
			$line += substr_count( $content, "\n" );
		}
		$this->tail = $gap;
	}

	private function pair(): void {
		$open = array();
		foreach ( $this->tokens as $at => $token ) {
			if ( in_array( $token->id, self::OPENING, true ) ) {
				$open[] = $at;
			} elseif ( in_array( $token->id, self::CLOSING, true ) && $open ) {
				$start                   = array_pop( $open );
				$this->partner[ $start ] = $at;
				$this->partner[ $at ]    = $start;
			}
		}
	}

	/** A token that is never there stands in beyond both ends, so that callers need not ask. */
	public function at( int $position ): Token {
		return $this->tokens[ $position ] ?? new Token( '', '', 0, '' );
	}

	public function is( int $position, ...$ids ): bool {
		return in_array( $this->at( $position )->id, $ids, true );
	}

	/** The line's trouble is known and somebody wrote why. */
	public function is_excused( int $line ): bool {
		$here  = $this->comments[ $line ] ?? '';
		$above = isset( $this->comments[ $line - 1 ] ) && ! $this->has_code( $line - 1 ) ? $this->comments[ $line - 1 ] : '';
		return (bool) preg_match( '/phpcs:ignore [A-Za-z0-9., ]+ -- \S/', $here . ' ' . $above );
	}

	private function has_code( int $line ): bool {
		foreach ( $this->tokens as $token ) {
			if ( $token->line === $line ) {
				return true;
			}
		}
		return false;
	}

	/** Whether the name at this position is that of a plain function being called: not a method, not a declaration. */
	public function is_function_call( int $at ): bool {
		return $this->is( $at, T_STRING, T_NAME_FULLY_QUALIFIED )
			&& $this->is( $at + 1, '(' )
			&& ! $this->is( $at - 1, T_OBJECT_OPERATOR, T_DOUBLE_COLON, T_FUNCTION, T_NEW, T_NULLSAFE_OBJECT_OPERATOR );
	}

	public function name( int $at ): string {
		return strtolower( ltrim( $this->at( $at )->text, '\\' ) );
	}

	/** The arguments of the call whose name stands at this position, each a span. */
	public function arguments( int $at ): array {
		$open  = $at + 1;
		$close = $this->partner[ $open ] ?? $open;
		return $close > $open + 1 ? $this->split( array( $open + 1, $close - 1 ), ',' ) : array();
	}

	/** A span cut at each of these tokens that is not inside brackets; empty pieces are left out. */
	public function split( array $span, ...$ids ): array {
		$pieces = array();
		$start  = $span[0];
		for ( $at = $span[0]; $at <= $span[1]; $at++ ) {
			if ( $this->is( $at, ...$ids ) ) {
				$pieces[] = array( $start, $at - 1 );
				$start    = $at + 1;
			} elseif ( $this->is( $at, ...self::OPENING ) ) {
				$at = $this->partner[ $at ] ?? $at;
			}
		}
		$pieces[] = array( $start, $span[1] );
		return array_values(
			array_filter(
				$pieces,
				static function ( $piece ) {
					return $piece[0] <= $piece[1];
				}
			)
		);
	}

	/** From a position to the token before the end of its statement (";", a closing tag, or a bracket that closes over it). */
	public function statement( int $from ): array {
		for ( $at = $from; isset( $this->tokens[ $at ] ); $at++ ) {
			if ( $this->is( $at, ';', T_CLOSE_TAG, ...self::CLOSING ) ) {
				break;
			}
			if ( $this->is( $at, ...self::OPENING ) ) {
				$at = $this->partner[ $at ] ?? $at;
			}
		}
		return array( $from, $at - 1 );
	}

	public function text_of( array $span ): string {
		$text = '';
		for ( $at = $span[0]; $at <= $span[1]; $at++ ) {
			$text .= ( $at > $span[0] && '' !== $this->at( $at )->gap ? ' ' : '' ) . $this->at( $at )->text;
		}
		return $text;
	}

	/** The body of the innermost function around a position; the whole file outside of any. */
	public function function_around( int $position ): array {
		$best = array( 0, count( $this->tokens ) - 1 );
		foreach ( $this->tokens as $at => $token ) {
			if ( T_FUNCTION === $token->id && $at < $position ) {
				$body = $at;
				while ( isset( $this->tokens[ $body ] ) && ! $this->is( $body, '{', ';' ) ) {
					$body = $this->is( $body, '(' ) ? $this->partner[ $body ] + 1 : $body + 1;
				}
				$end = $this->partner[ $body ] ?? $body;
				if ( $end > $position ) {
					$best = array( $at, $end );
				}
			}
		}
		return $best;
	}

	/** What a plain variable is given in a span: a list of spans, one for each "=", ".=" and "foreach ( … as". */
	public function assignments( string $variable, array $inside ): array {
		$found = array();
		for ( $at = $inside[0]; $at <= $inside[1]; $at++ ) {
			if ( T_VARIABLE === $this->at( $at )->id && $variable === $this->at( $at )->text
				&& $this->is( $at + 1, '=', T_CONCAT_EQUAL ) ) {
				$found[] = $this->statement( $at + 2 );
			}
		}
		return $found;
	}

	/** Names of the functions, casts and language constructs whose parentheses stand around a position, innermost first. */
	public function enclosing_calls( int $position ): array {
		$names = array();
		$from  = $this->statement_start( $position );
		for ( $at = $position - 1; $at >= $from; $at-- ) {
			if ( $this->is( $at, ')', ']', '}' ) ) {
				$at = $this->partner[ $at ] ?? $at;
			} elseif ( $this->is( $at, '(' ) ) {
				$names[] = $this->name( $at - 1 );
			} elseif ( $this->is( $at, T_INT_CAST, T_BOOL_CAST ) ) {
				$names[] = '(cast)';
			}
		}
		return $names;
	}

	private function statement_start( int $position ): int {
		for ( $at = $position; $at > 0; $at-- ) {
			if ( $this->is( $at - 1, ';', '{', T_OPEN_TAG, T_OPEN_TAG_WITH_ECHO ) ) {
				return $at;
			}
			if ( $this->is( $at - 1, '}' ) && isset( $this->partner[ $at - 1 ] ) && $this->is( $this->partner[ $at - 1 ], '{' ) ) {
				return $at;
			}
		}
		return 0;
	}
}
