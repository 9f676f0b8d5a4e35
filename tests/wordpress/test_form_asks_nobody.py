"""The booking form knows busy time from one query of the site's own table, and waits for nobody."""

from __future__ import annotations

from tests.wordpress.site import WordPress
from tests.wordpress.together import day

A_DAY = day()
WATCH = r"""
add_filter( 'query', function ( $query ) {
	if ( preg_match( '/\bSELECT\b.*latesync_busy/s', $query ) ) {
		$GLOBALS['busy_queries_of_test'] = ( $GLOBALS['busy_queries_of_test'] ?? 0 ) + 1;
	}
	return $query;
} );
add_action( 'shutdown', function () {
	if ( isset( $GLOBALS['busy_queries_of_test'] ) ) {
		update_option( 'busy_queries_of_test', $GLOBALS['busy_queries_of_test'] );
		update_option( 'failed_when_the_form_was_done', LateSync_Bridge_Breaker::failed_at() );
	}
}, 1 );
"""


def test_a_month_of_any_agent_costs_one_query_and_no_look_elsewhere(bridge: WordPress) -> None:
    """users-ask.md U35: the page takes a minute, since it asks Google for each agent."""
    bridge.php(
        "LateSync_Bridge_Settings::set( array("
        " 'address' => 'http://127.0.0.1:9', 'secret' => 'both know it', 'site' => 'aaaaaaaaaaaa' ) );"
    )
    bridge.fill_busy((1, f"{A_DAY} 08:00", f"{A_DAY} 09:00"), (2, f"{A_DAY} 10:00", f"{A_DAY} 11:00"))
    bridge.add_code(WATCH)
    assert bridge.month(A_DAY[:7], "any")[A_DAY]
    assert int(bridge.option("busy_queries_of_test")) == 1
    # Nobody is there: whoever asks LateSync leaves a failure behind, and that is after the form was done.
    assert int(bridge.option("failed_when_the_form_was_done")) == 0
    assert bridge.php("return LateSync_Bridge_Breaker::failed_at();") > 0
