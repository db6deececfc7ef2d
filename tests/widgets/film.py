"""The README's picture that moves: the playground while it trains, each frame a state of a real run.

python tests/widgets/film.py docs/playground.gif

It plays once and stands still, as moving pictures should for readers whom movement disturbs.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

from PIL import Image

from conftest import opened, state_of, with_chromium
from course.learning.explorers import playground

WIDTH = 900  # CSS pixels
# Updates between two frames: slowly at first, where most is to be seen.
UPDATES = [0, *[2] * 12, *[8] * 16, *[40] * 22]
FRAME_MS, LAST_MS = 100, 4000


def frames(browser: object) -> list[Image.Image]:
    """The explorer after each of UPDATES."""
    explorer = playground(
        data="spiral",
        features=("x1", "x2", "sin_x1", "sin_x2"),
        layers=2,
        neurons_1=8,
        neurons_2=6,
        optimizer="adam",
    )
    page = opened(browser, explorer, "light", WIDTH)
    page.wait_for_timeout(500)
    seen = []
    for updates in UPDATES:
        explorer.run(updates)
        page.evaluate("(state) => window.model.update(state)", state_of(explorer))
        page.wait_for_timeout(60)
        shot = page.locator("main").screenshot()
        seen.append(Image.open(io.BytesIO(shot)).convert("RGB"))
    return seen


def main() -> None:
    """Record, and save as a GIF of one palette."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("file", type=Path)
    file = options.parse_args().file
    with with_chromium() as browser:
        seen = frames(browser)
    palette = seen[-1].quantize(128, dither=Image.Dither.NONE)
    flat = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in seen]
    pause = [FRAME_MS] * (len(flat) - 1) + [LAST_MS]
    flat[0].save(file, save_all=True, append_images=flat[1:], duration=pause, optimize=True)
    print(f"{file}: {len(flat)} frames, {file.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
