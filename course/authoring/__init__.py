"""Build both editions of every lesson from its one source; for contributors, not for learners.

`build.py` is the way in. Nothing here is imported by the rest of the course, and all of it needs
the development set (jupytext, nbgrader).
"""
