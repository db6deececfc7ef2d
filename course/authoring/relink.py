"""`course links`: every link to the repository follows the one setting, `[project.urls]` in pyproject.toml.

A fork changes that line and runs the command. The name that the links have now is read off the README's
`git clone` line, so links to other people's repositories are left alone.
"""

from __future__ import annotations

import re
from pathlib import Path

from course.authoring.links import repository

README = "README.md"
# Where links to the repository stand that no build makes.
FILES = (README, "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "CITATION.cff")
FOLDERS = ("docs", ".github")
_KINDS = {".md", ".cff", ".yml", ".yaml"}
_CLONE = re.compile(r"git clone https://github\.com/(?P<slug>[\w.-]+/[\w.-]+?)(?:\.git)?\s")


def relink(root: Path, check: bool = False) -> list[str]:
    """Rewrite the links under ``root``; return a sentence for each file that had others.

    With ``check`` nothing is written. Raises ValueError when pyproject.toml names no repository on
    GitHub, or the README has no `git clone` line to read the present name off.
    """
    wanted = repository(root)
    if wanted is None:
        raise ValueError(
            "[project.urls] Repository in pyproject.toml is no address on GitHub; "
            "expected one such as https://github.com/owner/name"
        )
    found = _CLONE.search((root / README).read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{README} has no line `git clone https://github.com/owner/name`.")
    stale = found["slug"]
    said = []
    for path in _files(root):
        text = path.read_text(encoding="utf-8")
        old, new = (
            f"cd {slug.split('/')[1]}\n" for slug in (stale, wanted)
        )  # under the clone line
        fresh = with_slug(text, stale, wanted).replace(old, new)
        if fresh == text:
            continue
        name = path.relative_to(root).as_posix()
        said.append(f"{name} links to {stale}" + ("; run `course links`." if check else "."))
        if not check:
            path.write_bytes(fresh.encode("utf-8"))
    return said


def with_slug(text: str, stale: str, wanted: str) -> str:
    """The text with repository ``wanted`` ("owner/name") wherever it named ``stale``."""
    owner, name = (re.escape(part) for part in stale.split("/"))
    pages = re.sub(
        rf"\b{owner}\.github\.io/{name}\b(?![\w-])",
        "{}.github.io/{}".format(*wanted.split("/")),
        text,
    )
    whole = rf"(?<=/){owner}/{name}(?![\w-])|(?<=[\s\"'(@:]){owner}/{name}(?![\w-])"
    return re.sub(whole, wanted, pages)


def _files(root: Path) -> list[Path]:
    single = [root / name for name in FILES]
    nested = [path for folder in FOLDERS for path in (root / folder).rglob("*")]
    return sorted(p for p in [*single, *nested] if p.is_file() and p.suffix in _KINDS)
