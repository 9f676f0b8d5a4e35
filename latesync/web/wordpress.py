"""The owner's page for the WordPress plugin: get it, connect it, see how it does."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from latesync.bridge.package import SLUG, PluginMissing, build_zip, plugin_folder, read_version
from latesync.plugin import connection_string, read_plugin
from latesync.sentences import plugin_sentences
from latesync.web.context import now, services
from latesync.web.viewers import admin_only

blueprint = Blueprint("wordpress", __name__, url_prefix="/wordpress")


@blueprint.get("")
@admin_only
def page() -> ResponseReturnValue:
    state = read_plugin(services())
    return render_template(
        "wordpress.html",
        plugin=state.heard,
        problems=state.problems(),
        standing=state.standing(now()),
        remark=plugin_sentences.STANDINGS.get(state.standing(now())),
        other_version=state.other_version(),
        settings_path=plugin_sentences.SETTINGS_PATH,
        address=services().config.base_url,
        connection=connection_string(services()),
        version=_plugin_version(),
    )


@blueprint.get("/latesync-bridge.zip")
@admin_only
def download() -> ResponseReturnValue:
    try:
        content = build_zip(plugin_folder())
    except PluginMissing:
        abort(404)
    answer = Response(content, mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{SLUG}.zip"'
    return answer


def _plugin_version() -> str | None:
    """None when this installation came without the plugin's files."""
    try:
        return read_version(plugin_folder())
    except (PluginMissing, ValueError):
        return None
