"""The small lesson's source, right answers to it, and how a learner hands it in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SOURCE = """\
# %% [markdown]
# # 01 · Small
#
# {{ launch_links }}
#
# **20 minutes**

# %%
from course.welcome import exercises

# %%
left_alone = [number for number in range(3)]
print(left_alone)

# %% [markdown]
# ## Part 1 · Two functions (12 minutes)


# %% exercise="improve"
def improve(error, rate):
    ### BEGIN SOLUTION
    return error - rate * error
    ### END SOLUTION


# %% check="improve" points=1
exercises.improve.check()


# %% exercise="double"
def double(number):
    ### BEGIN SOLUTION
    return number + number
    ### END SOLUTION


# %% check="double" points=2
try:
    right = [double(3) == 6, double(-1) == -2]
except NotImplementedError:
    right = []
float(sum(right))

# %% [markdown] answer="why" points=1
# ## Part 2 · Reflect (8 minutes)
#
# Why does this work?
#
# <!-- BEGIN SOLUTION -->
# Because each step takes a share away.
# <!-- END SOLUTION -->
"""
RIGHT = {
    "improve": "def improve(error, rate):\n    return error - rate * error",
    "double": "def double(number):\n    return number + number",
}
Notebook = dict[str, Any]


def code(source: str, name: str) -> dict[str, Any]:
    """A code cell of the learner's own."""
    empty: dict[str, Any] = {"metadata": {}, "outputs": [], "execution_count": None}
    return {"cell_type": "code", "id": name, "source": source, **empty}


def hand_in(folder: Path, name: str, notebook: Notebook | str) -> Path:
    """Write a learner's submission as a platform exports it."""
    path = folder / name / "01_small.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = notebook if isinstance(notebook, str) else json.dumps(notebook)
    path.write_text(text, encoding="utf-8")
    return path
