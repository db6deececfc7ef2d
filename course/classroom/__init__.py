"""The learner's side of the course: their own copy of the lessons, and JupyterLab opened at it.

Nothing in here ever writes over what a learner wrote.
"""
