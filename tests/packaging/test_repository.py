"""Where the course lies on the web is said once, and every link to it opens on the host it is shown on."""

from email.message import Message

import pytest

from course import repository
from course.checks import Exercise, case
from course.repository import address, address_in, requirement, slug_of, web

HOME = "https://github.com/someone/a-fork"


@pytest.fixture
def at_home(monkeypatch):
    """A repository of another name, so that no address can be typed in twice."""
    monkeypatch.setattr(repository, "address", lambda: HOME)
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)


def test_the_address_is_the_clone_s_own(root):
    assert address() == address_in(root) and slug_of(address())


def test_an_installed_package_tells_it_too(monkeypatch):
    monkeypatch.setattr(repository, "clone_root", lambda: None)
    told = Message()
    told["Project-URL"] = "Documentation, https://docs.invalid"
    told["Project-URL"] = f"Repository, {HOME}"
    monkeypatch.setattr(repository.metadata, "metadata", lambda name: told)
    assert address.__wrapped__() == HOME


def test_nothing_known_is_no_address(monkeypatch, tmp_path):
    monkeypatch.setattr(repository, "clone_root", lambda: None)
    monkeypatch.setattr(repository, "PROJECT", "no-such-project-anywhere")
    assert address.__wrapped__() == "" == address_in(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[project")
    assert address_in(tmp_path) == ""


def test_a_lesson_s_relative_link_becomes_absolute(at_home, monkeypatch):
    link = "../solutions/03_training_loop.ipynb"
    assert web(link) == f"{HOME}/blob/main/solutions/03_training_loop.ipynb"
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release")
    colab = "https://colab.research.google.com/github/someone/a-fork/blob/main"
    assert web(link) == f"{colab}/solutions/03_training_loop.ipynb"
    assert web("https://pytorch.org/x") == "https://pytorch.org/x"
    assert web("") == ""


def test_a_repository_elsewhere_is_linked_as_it_is(monkeypatch):
    monkeypatch.setattr(repository, "address", lambda: "https://git.invalid/course")
    assert web("../solutions/03.ipynb") == "https://git.invalid/course"
    assert requirement("data") == "train-by-hand[data]"


def test_after_three_misses_the_solution_is_linked_absolutely(at_home):
    exercise = Exercise("f", abs, [case(1.0)], solution="../solutions/00_start_here.ipynb")
    for _ in range(3):
        score = exercise.check(lambda x: -x)
    assert score.link == f"{HOME}/blob/main/solutions/00_start_here.ipynb"
    assert f'href="{score.link}"' in score._repr_html_()


def test_every_exercise_links_a_solution_that_exists(root):
    import course.backpropagation.exercises as backpropagation
    import course.data_quality.exercises as data_quality
    import course.learning.exercises as learning
    import course.optimization.exercises as optimization
    import course.welcome.exercises as welcome

    rooms = (welcome, learning, backpropagation, optimization, data_quality)
    found = [e for room in rooms for e in vars(room).values() if isinstance(e, Exercise)]
    assert len(found) > 15
    for exercise in found:
        path = web(exercise.solution).partition("/blob/main/")[2]
        assert path.startswith("solutions/") and (root / path).is_file(), exercise.name
