"""A Jupyter Server extension with the page `/course`: the lessons, their minutes, what is done.

`course lab` and Binder open it first. It reads the progress anew each time it is loaded.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from course.progress.summary import Overview, overview

PAGE = "course"

_STYLE = """
:root { color-scheme: light dark; --line: #767676; --link: #0b5394; --soft: #f2f5f8; }
@media (prefers-color-scheme: dark) { :root { --link: #8ab8e6; --soft: #202830; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { margin-bottom: 0.2rem; }
a { color: var(--link); }
a.go { display: inline-block; padding: 0.5rem 1rem; border: 2px solid; border-radius: 0.4rem; text-decoration: none; font-weight: 600; }
ol { list-style: none; padding: 0; }
li { padding: 0.6rem 0.7rem; border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; }
li a { flex: 1 1 16rem; font-weight: 600; }
li span { flex: 0 0 8rem; }
.note { background: var(--soft); padding: 0.7rem 1rem; border-radius: 0.4rem; }
"""


def lessons_folder(root: Path) -> str:
    """Where the lessons lie under the server's ``root``: "lessons/" in a clone, else ""."""
    return "lessons/" if (root / "lessons").is_dir() and (root / "solutions").is_dir() else ""


def page(seen: Overview, base: str, folder: str, note: str = "") -> str:
    """The page as HTML.

    ``base`` is the server's address ("/" or "/user/x/"), ``folder`` where the lessons lie under its
    root ("" or "lessons/"); ``note`` is a sentence to set above the list, or "".
    """

    def link(name: str, text: str, kind: str = "row") -> str:
        address = escape(f"{base}lab/tree/{quote(folder + name)}.ipynb")
        return f'<a href="{address}" class="{kind}">{escape(text)}</a>'

    rows = "".join(
        f"<li>{link(row.lesson.name, f'{row.lesson.number} · {row.lesson.title}')}"
        f"<span>{row.lesson.minutes or '?'} minutes</span><span>{escape(row.share)}</span></li>"
        for row in seen.rows
    )
    following = seen.next
    if following:
        verb = "Go on with" if following.begun else "Begin with"
        words = f"{verb} {following.lesson.number} · {following.lesson.title}"
        first = f"<p>{link(following.lesson.name, words, 'go')}</p>"
    else:
        first = "<p>Everything is done.</p>" if seen.rows else "<p>There are no lessons here.</p>"
    said = f'<p class="note">{escape(note)}</p>' if note else ""
    damage = f'<p class="note">{escape(seen.notice)}</p>' if seen.notice else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Train by Hand</title><style>{_STYLE}</style></head><body><main>"
        "<h1>Train by Hand</h1><p>How AI models are trained, learned by building the training "
        f"yourself.</p>{damage}{first}{said}<h2>Lessons</h2><ol>{rows}</ol>"
        f'<p>Or look around in <a href="{escape(base)}lab">JupyterLab</a>.</p></main></body></html>\n'
    )


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "course.classroom.landing"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    """Answer `/course` to whoever has the server's token."""
    from jupyter_server.base.handlers import JupyterHandler
    from jupyter_server.utils import url_path_join
    from tornado import web

    from course.hosts import leaving_note

    root = Path(serverapp.root_dir)

    class Landing(JupyterHandler):
        @web.authenticated
        def get(self) -> None:
            folder = lessons_folder(root)
            seen = overview(root / folder)
            self.set_header("Content-Type", "text/html; charset=UTF-8")
            self.finish(page(seen, self.base_url, folder, leaving_note()))

    address = url_path_join(serverapp.web_app.settings["base_url"], PAGE)
    serverapp.web_app.add_handlers(".*$", [(address + "/?", Landing)])
