"""The launch links of a lesson's first cell, for each edition its own."""

from __future__ import annotations

import re
from pathlib import Path

from course.repository import BRANCH, address_in, slug_of

PLACEHOLDER = "{{ launch_links }}"

_LAUNCH = re.compile(
    r"https://(?:colab\.research\.google\.com/github/[^/\s]+/[^/\s]+/blob/[^/\s]+/"
    r"|mybinder\.org/v2/gh/[^/\s]+/[^/\s]+/[^?\s]+\?(?:urlpath|labpath)=(?:lab/tree/)?"
    r"|github\.com/[^/\s]+/[^/\s]+/blob/[^/\s]+/)(?P<path>[^\s)\"#]+\.ipynb)"
)


def repository(root: Path) -> str | None:
    """Return "owner/name" of `[project.urls] Repository` in pyproject.toml, None if not GitHub."""
    return slug_of(address_in(root))


def launch_links(slug: str | None, file: str) -> str:
    """Return the line of Markdown that opens `file` ("lessons/03_x.ipynb") of repository `slug`."""
    local = "on your own computer with `course lab`"
    if slug is None:
        return f"Open it {local}."
    colab = f"https://colab.research.google.com/github/{slug}/blob/{BRANCH}/{file}"
    binder = f"https://mybinder.org/v2/gh/{slug}/{BRANCH}?urlpath=lab/tree/{file}"
    return f"Open it in [Colab]({colab}), on [Binder]({binder}), or {local}."


def launched_files(markdown: str) -> list[str]:
    """Return the repository path of every notebook that a launch link in `markdown` opens."""
    return [found["path"] for found in _LAUNCH.finditer(markdown)]
