"""Where the course lies on the web: `Repository` under [project.urls] in pyproject.toml, nowhere else."""

from __future__ import annotations

import posixpath
import re
import tomllib
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from course import hosts
from course.lessons import clone_root

PROJECT = "train-by-hand"
BRANCH = "main"

_GITHUB = re.compile(r"https://github\.com/(?P<slug>[^/\s]+/[^/\s]+?)(?:\.git)?/?")


def address_in(root: Path) -> str:
    """The address that the pyproject.toml in ``root`` gives, "" where it gives none."""
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return str(project["urls"]["Repository"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return ""


@lru_cache(maxsize=1)
def address() -> str:
    """This edition's address: the clone's, else the installed package's; "" where neither tells."""
    root = clone_root()
    if root:
        return address_in(root)
    try:
        told = metadata.metadata(PROJECT).get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return ""
    named = dict(str(line).split(", ", 1) for line in told if ", " in str(line))
    return named.get("Repository", "")


def slug_of(address: str) -> str | None:
    """ "owner/name" of an address on GitHub, None for any other."""
    found = _GITHUB.fullmatch(address)
    return found["slug"] if found else None


def requirement(extra: str) -> str:
    """What pip installs the course with ``extra`` from: the repository, without git.

    The name alone would ask the package index, where it may be somebody else's.
    """
    slug = slug_of(address())
    name = f"{PROJECT}[{extra}]"
    return f"{name} @ https://github.com/{slug}/archive/refs/heads/{BRANCH}.zip" if slug else name


def web(link: str) -> str:
    """An absolute address for ``link``, which a lesson gives from where it lies ("../solutions/03.ipynb").

    A relative one points nowhere in a learner's folder, in an installed package and in Colab. In
    Colab it opens there, else on GitHub; "" where the repository is not known.
    """
    if not link or re.match(r"[a-z]+:", link):
        return link
    slug, path = slug_of(address()), posixpath.normpath(f"lessons/{link}")
    if slug is None:
        return address()
    in_colab = hosts.where() == hosts.COLAB
    at = f"github/{slug}" if in_colab and path.endswith(".ipynb") else slug
    host = "https://colab.research.google.com" if at != slug else "https://github.com"
    return f"{host}/{at}/blob/{BRANCH}/{path}"
