"""Whether a folder of wheels holds everything that an installation from it alone will ask for.

pip cannot tell beforehand for another kind of computer: it evaluates conditions such as
`sys_platform == "win32"` for the one that it runs on.
"""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Collection
from email import message_from_bytes
from pathlib import Path
from typing import Any


def requires(wheel: Path) -> list[str]:
    """What a wheel says that it requires."""
    with zipfile.ZipFile(wheel) as archive:
        about = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return list(map(str, message_from_bytes(archive.read(about)).get_all("Requires-Dist", [])))


def missing(
    wheels: Path, wanted: str, tags: Collection[str], environment: dict[str, str]
) -> list[str]:
    """The requirements that no wheel in the folder meets, starting with `wanted` ("name[extra]").

    `tags` name the platform of the room, `environment` is what conditions see there.
    """
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name, parse_wheel_filename

    held: dict[str, list[tuple[Any, Path]]] = defaultdict(list)
    for path in sorted(wheels.glob("*.whl")):
        name, version, _, kinds = parse_wheel_filename(path.name)
        if any(kind.platform in (*tags, "any") for kind in kinds):
            held[name].append((version, path))
    absent: list[str] = []
    seen: set[tuple[str, frozenset[str], str]] = set()
    todo = [Requirement(wanted)]
    while todo:
        asked = todo.pop()
        key = canonicalize_name(asked.name), frozenset(asked.extras), str(asked.specifier)
        if key in seen:
            continue
        seen.add(key)
        found = [
            path
            for version, path in held[key[0]]
            if asked.specifier.contains(version, prereleases=True)
        ]
        if not found:
            absent.append(f"{asked.name}{asked.specifier}")
            continue
        for line in requires(found[-1]):
            child = Requirement(line)
            if child.marker is None or any(
                child.marker.evaluate({**environment, "extra": extra})
                for extra in ("", *asked.extras)
            ):
                todo.append(child)
    return sorted(set(absent))
