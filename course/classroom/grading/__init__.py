"""Grading a folder of submissions. `grade.py` is the way in.

`submissions` finds them, `cells` decides what is run, `runner` runs one in a process of its own
(`sandbox` limits it, `integrity` keeps the checks what they are), `records` keeps each result,
and `overview` draws the page.
"""
