# %% [markdown]
# # 00 · Start here
#
# {{ launch_links }}
#
# **10 minutes**, in four parts. You need nothing but this notebook.
#
# You will be able to
#
# - run the cells of a notebook, and tell whether your installation is in order;
# - use the things that every lesson is made of: predictions, explorers, exercises with checks, questions;
# - get help, and save and resume your work.
#
# ## Look around (2 minutes)
#
# A [[notebook]] is a file made of cells: text like this one, and code. Click into the first code cell below and press
# <kbd>Shift</kbd>+<kbd>Enter</kbd>: the code runs, its result appears under it if it has one (the first cell mostly has none), and the
# next cell is selected. Run the cells from the top to the bottom, in order; a number in brackets at the left says that a cell has run,
# a star in its place that it is still running.

# %%
# {{ get_ready }}

# %%
from course import progress
from course.welcome import essentials, exercises, explorers, questions

essentials.look()

# %% [markdown]
# **Does it say that everything is here?** Then go on. Where there is something to do, the line says what. If instead there is red text
# with `ModuleNotFoundError`, the notebook runs in another Python than the one in which the course was
# installed: close it, and open it with the command that the README names, `make lab` (on Windows `py start.py lab`).
#
# ## Predict, then look (3 minutes)
#
# All lessons ask for a guess before they show an answer. Nobody sees it but you, and a wrong guess is worth as much as a
# right one: it is what you will remember. Move the slider, then press the button.

# %%
steps_guess = questions.steps_guess()
steps_guess

# %% [markdown]
# An [[explorer]] is a picture with sliders, computed anew whenever one is moved. Move them with the mouse, or with the arrow keys
# once you have clicked on one. Under the picture a sentence says in words what there is to see. *Show as table* shows the numbers, and
# *Reset* goes back to the beginning.
#
# Here an error starts at 100, and every step takes away the same share of what is left, the *rate*. Try the rate
# 0.1 of your prediction, with more and more steps. Then look for a rate that is quicker; for one at which the error changes its sign at every step;
# and for one that is too much.

# %%
explorers.shrinking_error()

# %%
steps_guess.compare(questions.steps_needed())

# %% [markdown]
# That was training in miniature: a number that says how wrong we are, made smaller by many steps of one kind, at a rate that may
# be too small or too large. Lesson 01 shows where the steps come from.
#
# ## Write, then check (2 minutes)
#
# In an exercise you write a few lines yourself. The dots say how hard it is, from ●○○ to ●●●. The cell under it checks what you
# wrote. Run both cells as they are; then replace the line that begins with `raise` by your own, and run both again. A check
# says what is wrong and gives a hint for each try; you can try as often as you like.
#
# **Exercise 1** ●○○ (2 minutes). One step: `error`, a number, loses `rate` times itself. Return the number that is left.


# %% exercise="improve"
def improve(error, rate):
    """Return the error after one step."""
    ### BEGIN SOLUTION
    return error - rate * error
    ### END SOLUTION


# %% check="improve" points=1
exercises.improve.check()

# %% [markdown]
# ## Save, leave, come back (3 minutes)
#
# | where you work | how your work is kept | how to come back |
# |---|---|---|
# | your own computer | <kbd>Ctrl</kbd>+<kbd>S</kbd> saves (<kbd>⌘</kbd>+<kbd>S</kbd> on a Mac); your copies of the lessons lie in the folder `my-course`, and updates never overwrite what you wrote | `make lab` in the course's folder; on Windows `py start.py lab` |
# | Binder | it is lost when you leave, or are idle for a while: save, then *File*, *Download* | open Binder again and drag the file into the list on the left |
# | Colab | *File*, *Save a copy in Drive* | open the copy from your Drive |
#
# Your code runs in a program of its own, the [[kernel]], which holds the variables as long as it runs. After a break it is a new one, and
# they are gone: choose *Run*, then *Run All Cells*. The same helps when a notebook behaves strangely, after *Kernel*, then
# *Restart Kernel*. A cell that runs too long is stopped by the square button above the notebook. In Colab all this stands in the menu
# *Runtime*.
#
# **Help.** Put a question mark after a name and run the cell (`improve?`) to read what it does. Hints stand in every check,
# and after three tries the link to the solution. A word that you have forgotten: `from course import glossary`, then `glossary.look_up("kernel")`.
# The README's table says what to do when something does not start, and *Issues* on the course's page is the place to ask.

# %%
questions.saving()

# %% [markdown]
# The course remembers, in a file on the computer on which it runs, which exercises you have solved and what you guessed.
# The next cell shows how far you are and what comes next; in a terminal, `course progress` says the same.

# %%
progress.panel()

# %% [markdown]
# **What to take away**: run from the top; guess before you look; a check may be run as often as you like; save, and after
# a break run everything again.
#
# Go on with lesson 01, *What training is*. If you have trained a network before and want to see inside, begin with 02 or 03.
