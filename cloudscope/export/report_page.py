"""The page of a report: plain HTML without scripts, every text of a file escaped."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

__all__ = ["ReportPage"]

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 2rem auto;
  max-width: 62rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem;
  border-top: 1px solid #ccc; padding-top: 1rem; } h3 { font-size: 1.05rem; }
table { border-collapse: collapse; margin: .6rem 0; font-size: .9rem; }
th, td { text-align: left; padding: .2rem .7rem .2rem 0; border-bottom: 1px solid #ddd;
  vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 600; } td.number { text-align: right; font-variant-numeric: tabular-nums; }
img { width: 100%; } .stale { color: #8a3b00; font-weight: 600; }
.small { color: #555; font-size: .85rem; overflow-wrap: anywhere; }
details > summary { cursor: pointer; }
@media print { details { display: block; } h2 { break-before: page; } }
"""


class ReportPage:
    """Puts a page together, top to bottom.

    Parameters
    ----------
    title : str

    Examples
    --------
    >>> page = ReportPage("<b>Report</b>")
    >>> page.paragraph("5 < 6")
    >>> "&lt;b&gt;Report" in page.html(), "5 &lt; 6" in page.html()
    (True, True)
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._parts: list[str] = []

    def heading(self, text: str, level: int = 2, anchor: str = "") -> None:
        """A heading, and where links to it go."""
        at = f' id="{escape(anchor)}"' if anchor else ""
        self._parts.append(f"<h{level}{at}>{escape(text)}</h{level}>")

    def paragraph(self, text: str, css_class: str = "") -> None:
        """A paragraph."""
        kind = f' class="{escape(css_class)}"' if css_class else ""
        self._parts.append(f"<p{kind}>{escape(text)}</p>")

    def facts(self, pairs: Iterable[tuple[str, Any]]) -> None:
        """Names and values, a line each; those without a value are left out."""
        rows = [(name, _shown(value)) for name, value in pairs if value not in (None, "", (), [])]
        if rows:
            lines = "".join(
                f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows
            )
            self._parts.append(f"<table>{lines}</table>")

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
        links: Mapping[str, str] | None = None,
    ) -> None:
        """A table; a text of its first column may be a link within the page."""
        head = "".join(f"<th>{escape(name)}</th>" for name in columns)
        body = []
        for row in rows:
            cells = []
            for place, value in enumerate(row):
                text = escape(_shown(value))
                if place == 0 and links and str(value) in links:
                    text = f'<a href="#{escape(links[str(value)])}">{text}</a>'
                number = isinstance(value, int | float) and not isinstance(value, bool)
                cells.append(f'<td class="number">{text}</td>' if number else f"<td>{text}</td>")
            body.append(f"<tr>{''.join(cells)}</tr>")
        self._parts.append(
            f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        )

    def figure(self, svg: bytes, alternative: str) -> None:
        """A picture within the page; as an image it can run nothing and fetch nothing."""
        data = base64.b64encode(svg).decode("ascii")
        self._parts.append(
            f'<p><img src="data:image/svg+xml;base64,{data}" alt="{escape(alternative)}"></p>'
        )

    def folded(self, summary: str, pairs: Iterable[tuple[str, Any]]) -> None:
        """Facts that are shown when asked for."""
        self._parts.append(f"<details><summary>{escape(summary)}</summary>")
        self.facts(pairs)
        self._parts.append("</details>")

    def list(self, texts: Iterable[str]) -> None:
        """A numbered list."""
        items = "".join(f"<li>{escape(text)}</li>" for text in texts)
        self._parts.append(f"<ol>{items}</ol>")

    def html(self) -> str:
        """The whole page."""
        policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
        return (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width">\n'
            f"<title>{escape(self._title)}</title>\n<style>{_STYLE}</style></head>\n<body>\n"
            f"<h1>{escape(self._title)}</h1>\n" + "\n".join(self._parts) + "\n</body></html>\n"
        )


def _shown(value: Any) -> str:
    """A value for people; exact numbers are in the tables beside."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "" if value != value else f"{value:.6g}"
    if isinstance(value, list | tuple):
        return ", ".join(_shown(part) for part in value)
    return str(value)
