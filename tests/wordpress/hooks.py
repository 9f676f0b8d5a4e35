"""Which of LatePoint's actions fired, in order, and with what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.wordpress.site import WordPress

# A model is told as Class#id, an id as itself.
_RECORDER = """
add_action( 'all', static function ( $hook, ...$values ) {
    $rows    = 'booking|order|order_item|service|customer';
    $of_rows = "/^latepoint_($rows)_(created|updated|deleted|will_be_deleted)$/";
    $others  = array( 'latepoint_model_save', 'latepoint_model_deleted', 'latepoint_booking_change_status' );
    if ( ! in_array( $hook, $others, true ) && ! preg_match( $of_rows, $hook ) ) {
        return;
    }
    $words = array( substr( $hook, strlen( 'latepoint_' ) ) );
    foreach ( $values as $value ) {
        $other   = is_array( $value ) ? 'array' : $value;
        $words[] = is_object( $value ) ? get_class( $value ) . '#' . $value->id : $other;
    }
    file_put_contents( WP_CONTENT_DIR . '/fired-hooks', implode( ' ', $words ) . "\\n", FILE_APPEND );
} );
"""


@dataclass(frozen=True)
class HookRecorder:
    """Writes down the actions of a site; names come without "latepoint_"."""

    site: WordPress

    @classmethod
    def start(cls, site: WordPress) -> HookRecorder:
        site.add_code(_RECORDER, "hook-recorder")
        return cls(site)

    def take(self) -> list[str]:
        """What fired since the last time: "booking_updated OsBookingModel#1 OsBookingModel#1"."""
        file = self.site.content / "fired-hooks"
        if not file.exists():
            return []
        lines = file.read_text().splitlines()
        file.unlink()
        return lines
