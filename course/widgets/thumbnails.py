"""Small images side by side in a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle

from course.widgets import style

_GAP = 0.1  # between two images, in sides of one
_TITLE = 0.16  # the room above an image for its title


def thumbnails(axes: Any, images: Any, columns: int, titles: Sequence[str] = ()) -> None:
    """Draw ``images`` (n, side, side), numbers from 0 (white) to 1 (black), framed, in rows of ``columns``.

    ``titles`` stand above them. All share ``axes``: an axes each would take as long as the rest of a picture.
    """
    step = 1 + _GAP, 1 + _GAP + (_TITLE if titles else 0)
    rows = -(-len(images) // columns)
    axes.axis("off")
    axes.set_aspect("equal")
    for place, image in enumerate(np.asarray(images)):
        x, y = place % columns * step[0], place // columns * step[1]
        axes.imshow(image, cmap="gray_r", vmin=0, vmax=1, extent=(x, x + 1, y + 1, y))
        axes.add_artist(Rectangle((x, y), 1, 1, fill=False, edgecolor=style.ink(), linewidth=0.8))
        if titles:
            axes.text(x + 0.5, y - 0.04, titles[place], ha="center", va="bottom", fontsize=8)
    axes.set(
        xlim=(-0.02, columns * step[0] - _GAP + 0.02),
        ylim=(rows * step[1] - _GAP + 0.02, -0.02 - (_TITLE if titles else 0)),
    )
