"""A document in blocks, written as Markdown and as one HTML page that stands alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from course.trust.papers import Paper, plain_markdown

_CSS = """
:root{color-scheme:light dark;--ink:#1f1f1f;--ground:#fff;--quiet:#595959;--line:#8a8a8a;--soft:#f2f4f6;
--bar:#0072b2;--over:#b34a00;--unsure:#8a6100}
@media (prefers-color-scheme:dark){:root{--ink:#ececec;--ground:#181818;--quiet:#b4b4b4;--line:#8a8a8a;
--soft:#262a2e;--bar:#56b4e9;--over:#ff9838;--unsure:#e6b800}}
body{font:17px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--ground);margin:0}
main{max-width:54rem;margin:0 auto;padding:1.5rem 1rem 4rem}
p,ul,.box,figure{max-width:44rem}
h1{font-size:2rem;line-height:1.2;margin:.5rem 0 .25rem}h2{font-size:1.4rem;margin:2.5rem 0 .5rem}
h3{font-size:1.1rem;margin:1.5rem 0 .25rem}h4{font-size:1rem;margin:1.2rem 0 .2rem}
.lead{color:var(--quiet);margin:0 0 1.5rem}
.box{border-left:.4rem solid var(--bar);background:var(--soft);padding:.6rem 1rem;margin:1rem 0}
.box p{margin:.3rem 0}.box p:first-child{font-weight:600}figure{margin:1rem 0}figcaption{font-size:.9rem;color:var(--quiet)}
svg{width:100%;max-width:36rem;height:auto;display:block}.scroll{overflow-x:auto;margin:.5rem 0}
table{border-collapse:collapse;font-size:.9rem;min-width:100%}
th,td{text-align:left;vertical-align:top;padding:.35rem .7rem .35rem 0;border-bottom:1px solid var(--line)}
td{overflow-wrap:break-word;min-width:5rem}td:last-child:not(:nth-child(2)){min-width:11rem}code{font-size:.9em;overflow-wrap:anywhere}
@media print{body{font-size:11pt}h2{break-after:avoid}figure,.box{break-inside:avoid}}
"""


@dataclass
class Document:
    """Blocks in the order in which they are read; pictures are SVG text with a file name."""

    title: str
    blocks: list[tuple[str, Any]] = field(default_factory=list)

    def add(self, kind: str, *content: Any) -> None:
        """Append a block: lead, heading, text, box, bullets, table, picture or paper."""
        self.blocks.append((kind, content))

    @property
    def pictures(self) -> dict[str, str]:
        """The pictures by file name."""
        return {c[0]: c[1] for kind, c in self.blocks if kind == "picture"}

    def markdown(self) -> str:
        """The document as Markdown; pictures are linked by their file name."""
        parts = [f"# {self.title}", *(_markdown(kind, c) for kind, c in self.blocks)]
        return "\n\n".join(part.strip("\n") for part in parts) + "\n"

    def html(self) -> str:
        """The document as a page, with its pictures in it and nothing from elsewhere."""
        body = "\n".join(_html(kind, c, n) for n, (kind, c) in enumerate(self.blocks))
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{escape(self.title)}</title>\n<style>{_CSS}</style>\n</head>\n<body>\n<main>\n"
            f"<h1>{escape(self.title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
        )


def _markdown(kind: str, content: tuple[Any, ...]) -> str:
    if kind == "heading":
        return f"## {plain_markdown(content[0])}"
    if kind == "bullets":
        return "\n".join(f"- {plain_markdown(text)}" for text in content[0])
    if kind == "box":
        first, *rest = (plain_markdown(text) for text in content[0])
        return "\n>\n".join(f"> {text}" for text in (f"**{first}**", *rest))
    if kind == "picture":
        name, _, caption, alt = content
        return f"![{alt}]({name})\n\n*{plain_markdown(caption)}*"
    if kind == "paper":
        paper: Paper = content[0]
        return re.sub(r"^#", "##", paper.markdown(draft=True), flags=re.M)
    if kind == "table":
        caption, columns, rows = content
        lines = [list(columns), ["---"] * len(columns), *rows]
        cells = (" | ".join(_cell(str(c)) for c in line) for line in lines)
        return f"**{plain_markdown(caption)}**\n\n" + "\n".join(f"| {line} |" for line in cells)
    return plain_markdown(content[0])


def _cell(text: str) -> str:
    return text.replace("<", "&lt;").replace("|", "\\|").replace("\n", " ")


def _html(kind: str, content: tuple[Any, ...], number: int) -> str:
    if kind == "heading":
        return f"<h2>{escape(content[0])}</h2>"
    if kind == "lead":
        return f'<p class="lead">{escape(content[0])}</p>'
    if kind == "bullets":
        return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in content[0]) + "</ul>"
    if kind == "box":
        return '<div class="box">' + "".join(f"<p>{escape(t)}</p>" for t in content[0]) + "</div>"
    if kind == "picture":
        _, svg, caption, _ = content
        return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"
    if kind == "paper":
        inner = re.sub(r"<(/?)h2>", r"<\1h4>", content[0].html(draft=True))
        return _scrolling(re.sub(r"<(/?)h1>", r"<\1h3>", inner), number)
    if kind == "table":
        caption, columns, rows = content
        return _table(caption, columns, rows, number)
    return f"<p>{escape(content[0])}</p>"


def _scrolling(html: str, number: int) -> str:
    """Tables of a paper, each in a region that can be scrolled with the keyboard too."""
    counted = 0

    def wrap(match: re.Match[str]) -> str:
        nonlocal counted
        counted += 1
        label = f'aria-label="Table {number}.{counted} of the card"'
        return f'<div class="scroll" role="region" tabindex="0" {label}>{match[0]}</div>'

    return re.sub(r"<table>.*?</table>", wrap, html, flags=re.S)


def _table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]], number: int) -> str:
    head = "".join(f'<th scope="col">{escape(c)}</th>' for c in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(str(row[0]))}</th>'
        + "".join(f"<td>{escape(str(c))}</td>" for c in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<h3 id="t{number}">{escape(caption)}</h3>'
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="t{number}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
