"""What a learner has done: kept in one local file, shown, moved between computers, forgotten.

In a notebook, ``progress.panel()`` shows what is done and what is next.
"""

from course.progress.summary import Overview, overview, panel

__all__ = ["Overview", "overview", "panel"]
