"""Load the guard that makes a green run of the notebooks mean that they ran; keep progress apart."""

import itertools
import os
import tempfile

import pytest

pytest_plugins = ("course.authoring.guard",)

_PROGRESS = tempfile.TemporaryDirectory(prefix="course-progress-")
_NUMBERS = itertools.count()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give each test, and the kernel that it may start, progress of its own."""
    os.environ["COURSE_PROGRESS"] = os.path.join(_PROGRESS.name, str(next(_NUMBERS)))
