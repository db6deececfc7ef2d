"""Start a lesson: a source that builds, passes every lint and runs, to be filled with a subject."""

from __future__ import annotations

import re
from pathlib import Path

_SLUG = re.compile(r"[a-z][a-z0-9_]*")
_TEMPLATE = '''\
# %% [markdown]
# # {number} · {title}
#
# {{{{ launch_links }}}}
#
# **40 minutes**, in two parts. You need Python, and what the lessons before this one teach.
#
# You will be able to
#
# - do this;
# - explain that.
#
# How to work: run the cells from the top with <kbd>Shift</kbd>+<kbd>Enter</kbd>. Where a cell says
# `NotImplementedError`, it waits for your code; the cell below it checks what you wrote. A `NameError` says that a cell above has
# not been run since the kernel started: choose *Run*, then *Run All Above Selected Cell*.

# %%
# {{{{ get_ready }}}}

# %%
from course.welcome import exercises

# %% [markdown]
# ## Part 1 · The idea (20 minutes)
#
# Predict, try, look at the evidence. Then build it by hand.
#
# **Exercise 1** ●○○ (5 minutes). An error of `error` shrinks by the share `rate`: return what is left.


# %% exercise="improve"
def improve(error, rate):
    """Return the error after one step."""
    ### BEGIN SOLUTION
    return error - rate * error
    ### END SOLUTION


# %% check="improve" points=1
exercises.improve.check()

# %% [markdown]
# ## Part 2 · The same in PyTorch (20 minutes)
#
# Hold what was built beside PyTorch's.

# %% [markdown] answer="explain_it" points=1
# **Exercise 2** ●●○ (5 minutes). What would happen at a rate above 2? Say why, in two sentences.
#
# <!-- BEGIN SOLUTION -->
# The step overshoots by more than the error itself, so the error changes its sign and grows each time.
# <!-- END SOLUTION -->

# %% [markdown]
# **What to take away**
#
# - One sentence.
#
# **Where this goes wrong in practice**: one more.
'''


def new_lesson(root: Path, number: str, slug: str) -> Path:
    """Write the starting source of lesson `number` under `root`, and return its path.

    Raises ValueError for a number or slug that makes no lesson name, FileExistsError when the number
    is taken: nothing is ever written over.
    """
    if not re.fullmatch(r"\d{1,2}", number):
        raise ValueError(f"number is {number!r}; expected two digits, for instance 07.")
    number = number.zfill(2)
    if not _SLUG.fullmatch(slug):
        raise ValueError(
            f"slug is {slug!r}; expected lower-case words joined by _, for instance edge_ai."
        )
    sources = root / "solutions"
    taken = sorted(sources.glob(f"{number}_*.py"))
    if taken:
        raise FileExistsError(
            f"Number {number} is taken by solutions/{taken[0].name}; choose another number, or edit that file."
        )
    title = slug.replace("_", " ").capitalize()
    sources.mkdir(parents=True, exist_ok=True)
    path = sources / f"{number}_{slug}.py"
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(_TEMPLATE.format(number=number, title=title))
    return path
