"""An order for the walk back that looks right and is wrong: first met, first served."""

from __future__ import annotations

from typing import Any


def first_come_order(root: Any) -> list:
    """The nodes that `root` was computed from, in the reverse of the order in which a search meets them.

    The search looks at the root, then at its parents, then at theirs (breadth first). A node that is
    met early on a short way is then sent back before what reaches it on a longer way has arrived.
    """
    met = [root]
    for node in met:  # grows while it is read
        for parent in node.parents:
            if parent not in met:
                met.append(parent)
    return met[::-1]
