"""A lesson as slides: one HTML file that needs no network, a heading on every slide.

nbconvert renders the cells. Its own slides exporter loads reveal.js, jQuery and MathJax from the
network, which a lecture hall may not have, so the frame around the cells is our own: the arrow keys
turn the pages, formulas are drawn by matplotlib, and printing gives a page a slide.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from course.classroom.syllabus import Lesson
from course.lessons import text_of

_HEADING = re.compile(r"^(#{1,3}) +(.+?)\s*$", re.MULTILINE)
_FENCED = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
_FORMULA = re.compile(r"\$\$(?P<wide>.+?)\$\$|\$(?P<small>[^$\n]+?)\$", re.DOTALL)
_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; font: clamp(1rem, 1.6vw, 1.6rem)/1.5 system-ui, sans-serif; }
section { box-sizing: border-box; height: 100vh; padding: 4vh 6vw; overflow: auto; display: none; }
section:target, body:not(:has(:target)) section:first-of-type { display: block; }
h2 { margin-top: 0; } table { border-collapse: collapse; } td, th { padding: 0.2em 0.8em; }
pre { background: #8881; padding: 0.6em; overflow-x: auto; } img.formula { vertical-align: middle; }
@media (prefers-color-scheme: dark) { img.formula { filter: invert(1); } }
footer { position: fixed; right: 1rem; bottom: 0.5rem; font-size: 0.8rem; }
@media print { section { display: block !important; height: auto; break-after: page; } footer { display: none; } }
"""
_SCRIPT = """
const slides = [...document.querySelectorAll("section")];
const here = () => Math.max(0, slides.findIndex((s) => "#" + s.id === location.hash));
const show = () => {
  document.querySelector("footer").textContent = `${here() + 1} / ${slides.length}`;
  slides[here()].focus();
};
addEventListener("hashchange", show);
addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, PageDown: 1, " ": 1, ArrowLeft: -1, PageUp: -1 }[event.key];
  const goal = event.key === "Home" ? 0 : event.key === "End" ? slides.length - 1 : here() + step;
  if (slides[goal]) { location.hash = slides[goal].id; event.preventDefault(); }
});
show();
"""


@dataclass
class Slide:
    """A heading and the cells under it, as a notebook's cells."""

    heading: str
    cells: list[dict[str, Any]]


def write_slides(lesson: Lesson, path: Path | None = None) -> Path:
    """Write the slides of `lesson` to `path`, by default `NN_slug.slides.html` here; return it.

    Raises ImportError where nbconvert is missing.
    """
    path = path or Path(f"{lesson.name}.slides.html")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(lesson), encoding="utf-8")
    return path


def split(lesson: Lesson) -> list[Slide]:
    """The lesson as slides: a new one at each heading and at each further cell of prose.

    A slide that continues a heading carries it again, so that none is without.
    """
    slides: list[Slide] = []
    heading = lesson.title
    for cell in lesson.notebook["cells"]:
        text = text_of(cell).strip()
        if not text:
            continue
        if cell["cell_type"] != "markdown":
            if not slides:
                slides.append(Slide(heading, []))
            slides[-1].cells.append({**cell, "source": text, "outputs": []})
            continue
        text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
        start = 0
        for found in _HEADING.finditer(_blanked(text)):
            _add(slides, heading, text[start : found.start()])
            heading, start = text[found.start(2) : found.end(2)], found.end()
        _add(slides, heading, text[start:])
    return slides


def _blanked(text: str) -> str:
    """The text with code replaced by as many spaces: a comment in code is no heading."""
    return _FENCED.sub(lambda found: " " * len(found[0]), text)


def _add(slides: list[Slide], heading: str, text: str) -> None:
    if text.strip():
        cell = {"cell_type": "markdown", "metadata": {}, "source": text.strip()}
        slides.append(Slide(heading, [cell]))


def page(lesson: Lesson) -> str:
    """The whole HTML page."""
    sections = []
    for number, slide in enumerate(split(lesson), start=1):
        body = _rendered(slide.cells)
        sections.append(
            f'<section id="s{number}" tabindex="-1" aria-label="Slide {number}">'
            f"<h2>{escape(slide.heading)}</h2>{body}</section>"
        )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(lesson.title)}</title><style>{_STYLE}{_code_style()}</style></head>\n"
        f"<body><main>{''.join(sections)}</main><footer></footer>"
        f"<script>{_SCRIPT}</script></body></html>\n"
    )


def _rendered(cells: list[dict[str, Any]]) -> str:
    """The cells as nbconvert renders them, formulas drawn beforehand."""
    try:
        import nbconvert  # noqa: F401  asked for here, so that its absence is a sentence
        import nbformat
    except ModuleNotFoundError as error:
        raise ImportError(
            f"Slides need the package {error.name!r}, which comes with JupyterLab. "
            "Get it with: pip install nbconvert"
        ) from error
    drawn: dict[str, str] = {}
    made = []
    for cell in cells:
        if cell["cell_type"] == "markdown":
            text = _with_formulas(cell["source"], drawn)
            made.append(nbformat.v4.new_markdown_cell(text))
        else:
            made.append(nbformat.v4.new_code_cell(cell["source"]))
    body: str = _exporter().from_notebook_node(nbformat.v4.new_notebook(cells=made))[0]
    for mark, picture in drawn.items():
        body = body.replace(mark, picture)
    # nbconvert marks each heading with a sign that links to it; a slide has its own address.
    return re.sub(r'<a class="anchor-link"[^>]*>.*?</a>', "", body)


@lru_cache(maxsize=1)
def _exporter() -> Any:
    from nbconvert import HTMLExporter

    return HTMLExporter(template_name="basic", exclude_input_prompt=True)


def _with_formulas(text: str, drawn: dict[str, str]) -> str:
    """The Markdown with a mark for each formula; `drawn` gets the picture for each mark."""

    def draw(formula: str) -> str:
        mark = f"FORMULA{len(drawn):04d}END"
        drawn[mark] = picture_of(formula)
        return mark

    return each_formula(text, draw)


def each_formula(text: str, act: Callable[[str], str]) -> str:
    """The Markdown with `act(formula)` in place of each formula; a dollar in code is none."""

    def replace(found: re.Match[str]) -> str:
        return act(" ".join((found["wide"] or found["small"]).split()))

    pieces = _FENCED.split(text)
    return "".join(p if n % 2 else _FORMULA.sub(replace, p) for n, p in enumerate(pieces))


def picture_of(formula: str) -> str:
    """The formula as an SVG picture with its TeX as the text alternative; as code if it cannot be drawn."""
    import base64

    from matplotlib import mathtext
    from matplotlib.font_manager import FontProperties

    buffer = io.BytesIO()
    try:
        properties = FontProperties(size=18)
        mathtext.math_to_image(f"${formula}$", buffer, prop=properties, format="svg")
    except ValueError:
        return f"<code>{escape(formula)}</code>"
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'<img class="formula" alt="{escape(formula)}" src="data:image/svg+xml;base64,{data}">'


def _code_style() -> str:
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]

    style: str = HtmlFormatter(style="vs").get_style_defs(".highlight")
    dark: str = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    return f"{style}\n@media (prefers-color-scheme: dark) {{ {dark} }}"
