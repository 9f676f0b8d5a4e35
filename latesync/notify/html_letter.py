"""A letter as HTML that mail programs show well: tables for the frame, styles in the tags, one column.

Programs that read no <style> show the light colours; those that do follow the reader's choice of dark ones.
"""

# ruff: noqa: E501 (styles stand in the tags)

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

_FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"

# Not through format(): its braces are its own.
_STYLE = Markup(
    """<style>
    :root { color-scheme: light dark; supported-color-schemes: light dark; }
    a { text-underline-offset: 2px; }
    @media (prefers-color-scheme: dark) {
      .ground { background-color: #15181a !important; }
      .card { background-color: #1e2225 !important; border-color: #343a3e !important; }
      .ink { color: #e8e8e4 !important; }
      .quiet, .quiet a { color: #a3abb1 !important; }
      .act { background-color: #6cc5b0 !important; }
      .act a { color: #0d1f1b !important; border-color: #6cc5b0 !important; }
    }
    @media (max-width: 480px) {
      .room { padding: 24px 20px !important; }
      .around { padding: 12px 8px !important; }
      .act, .act a { display: block !important; }
    }
  </style>"""
)

_PAGE = Markup(
    """<!doctype html>
<html lang="{language}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="supported-color-schemes" content="light dark">
  <meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
  <title>{title}</title>
  {style}
</head>
<body class="ground" style="margin:0;padding:0;background-color:#f6f5f2">
<table role="presentation" class="ground" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color:#f6f5f2">
<tr><td class="around" align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;{font}">
{heading}<tr><td class="card room" style="background-color:#ffffff;border:1px solid #e2e0da;border-radius:14px;padding:32px">
{body}
</td></tr>
<tr><td class="quiet" style="padding:20px 12px 0;color:#5d656d;font-size:14px;line-height:21px">
{footer}
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
"""
)
_HEADING = Markup(
    '<tr><td class="ink" style="padding:0 12px 12px;color:#22262a;font-size:15px;line-height:22px;'
    'font-weight:600">{}</td></tr>\n'
)
_PARAGRAPH = Markup(
    '<p class="ink" style="margin:0 0 16px;color:#22262a;font-size:17px;line-height:26px;'
    'overflow-wrap:break-word">{}</p>'
)
# 13 px above and below a line of 22 px: 48 px, easily met by a thumb.
_BUTTON = Markup(
    """<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:24px 0 20px">
<tr><td class="act" align="center" style="background-color:#1f6a5c;border-radius:9px">
<a href="{url}" style="display:inline-block;padding:13px 24px;border:1px solid #1f6a5c;border-radius:9px;color:#ffffff;font-size:17px;line-height:22px;font-weight:600;text-decoration:none">{label}</a>
</td></tr>
</table>
<p class="quiet" style="margin:0;color:#5d656d;font-size:14px;line-height:21px">{below}<br><a href="{url}" style="color:#5d656d;word-break:break-all;overflow-wrap:anywhere">{url}</a></p>"""
)
_SMALL = Markup('<p style="margin:0 0 10px;overflow-wrap:break-word">{}</p>')
_STOP = Markup('<p style="margin:0"><a href="{url}" style="color:#5d656d">{label}</a></p>')


def html_page(
    *,
    language: str,
    title: str,
    heading: str,
    paragraphs: Sequence[str],
    button: tuple[str, str, str] | None,
    footer: Sequence[str],
    stop: tuple[str, str] | None,
) -> str:
    """button: its words, its address, and what introduces the address written out. stop: words, address."""
    body = [_PARAGRAPH.format(_lines(text)) for text in paragraphs]
    if button:
        label, url, below = button
        body.append(_BUTTON.format(label=label, url=url, below=below))
    small = [_SMALL.format(_lines(text)) for text in footer]
    if stop:
        small.append(_STOP.format(label=stop[0], url=stop[1]))
    return str(
        _PAGE.format(
            language=language,
            title=title,
            style=_STYLE,
            font=_FONT,
            heading=_HEADING.format(heading) if heading else "",
            body=Markup("\n").join(body),
            footer=Markup("\n").join(small),
        )
    )


def _lines(text: str) -> Markup:
    return Markup("<br>\n").join(escape(line) for line in text.splitlines())
