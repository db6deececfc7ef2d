"""Pictures of every explorer, to look at: both themes, a wide and a narrow page.

python tests/widgets/gallery.py FOLDER            # every explorer of every room
python tests/widgets/gallery.py FOLDER learning   # those whose full name has this in it
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sweep import called, makers

from conftest import opened, with_chromium

WIDTHS = (1280, 700)  # CSS pixels; the notebook's own margins are left out
SETTLED = """() => {
  const picture = document.querySelector("main canvas, main img");
  return picture && (picture.complete ?? picture.width > 0) && !document.querySelector("[aria-busy]");
}"""


def photograph(browser: Any, make: Any, folder: Path) -> None:
    """Save one PNG for each theme and width; raises RuntimeError when the page has an error."""
    for theme in ("light", "dark"):
        for width in WIDTHS:
            page = opened(browser, make(), theme, width)
            if theme == "dark":
                page.evaluate("document.body.style.background = '#111111'")
            page.wait_for_function(SETTLED)
            page.wait_for_timeout(300)
            name = called(make).removeprefix("course.").replace(".explorers", "")
            page.screenshot(path=folder / f"{name}-{theme}-{width}.png", full_page=True)
            if page.problems:
                raise RuntimeError(f"{called(make)}: {page.problems[0]}")
            page.context.close()


def main() -> None:
    """Photograph the explorers named on the command line, or all."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", type=Path, help="where the pictures go")
    options.add_argument("part", nargs="?", default="", help="explorers whose name has this in it")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with with_chromium() as browser:
        for make in makers():
            if given.part in called(make):
                photograph(browser, make, given.folder)
                print(called(make))


if __name__ == "__main__":
    main()
