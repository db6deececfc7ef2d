"""Marked terms: bold for the reader, and the sentence in the glossary."""

from pathlib import Path

import nbformat
import pytest

from course import glossary
from course.authoring import source, terms
from course.authoring.build import build

PROSE = """
# %% [markdown]
# Words first. A [[model]] is a function
# that *predicts*. Its [[weights|weight]] are numbers.
#
# | line | what |
# |---|---|
# | `a = 1` | the [[first line]] assigns |
#
# - An item, of which a [[list]] has many.
# - (a second [[item]] closes it.)
#
# [[Momentum|momentum]] keeps a share $b$:
#
# $$v = b v + g$$
"""


def entries(text: str) -> dict[str, str]:
    return {term.name: term.sentence for term in terms.terms(source.parse(text), "01_tiny")}


def test_a_term_brings_its_sentence(tiny: str) -> None:
    assert entries(tiny) == {}
    assert entries(tiny + PROSE) == {
        "model": "A model is a function that *predicts*.",
        "weight": "Its weights are numbers.",
        "first line": "The first line assigns.",
        "list": "An item, of which a list has many.",
        "item": "A second item closes it.",
        "momentum": "Momentum keeps a share $b$: $v = b v + g$",
    }


def test_a_reader_sees_the_form_in_the_sentence_in_bold() -> None:
    assert terms.shown("its [[weights|weight]], a [[model]]") == "its **weights**, a **model**"


def test_the_page_is_built_checked_and_kept_in_step(course_root: Path, tiny: str) -> None:
    path = course_root / "solutions" / "01_tiny.py"
    path.write_text(tiny + PROSE, encoding="utf-8")
    assert build(course_root) == []
    assert build(course_root, check=True) == []
    page = course_root / "docs" / "glossary.md"
    text = page.read_text(encoding="utf-8")
    assert "**model** ([lesson 01](../lessons/01_tiny.ipynb)): A model is a function" in text
    assert text.index("**item**") < text.index("**list**") < text.index("**model**")
    shown = nbformat.read(course_root / "lessons" / "01_tiny.ipynb", as_version=4).cells[-1].source
    assert "A **model** is a function" in shown
    assert "[[" not in shown
    path.write_text(tiny + PROSE.replace("predicts", "guesses"), encoding="utf-8")
    assert any("docs/glossary.md is not what" in said for said in build(course_root, check=True))


def test_a_term_that_is_defined_twice_is_named(course_root: Path, tiny: str) -> None:
    text = tiny + PROSE + "\n# %% [markdown]\n# Again: a [[Model]].\n"
    (course_root / "solutions" / "01_tiny.py").write_text(text, encoding="utf-8")
    (said,) = build(course_root)
    assert "cell 9 defines 'Model', which cell 8 of 01_tiny defines already" in said


def test_a_notebook_can_look_a_term_up() -> None:
    loss = glossary.look_up("Loss")
    assert (loss.term, loss.lesson, loss.file) == ("loss", "lesson 01", "01_what_training_is.ipynb")
    assert "how wrong a model is" in str(loss)
    assert loss._repr_markdown_().startswith("**loss** ([lesson 01](01_what_training_is.ipynb)): ")
    assert glossary.look_up(" weights ").term == "weight"
    assert glossary.look_up("classes").term == "class"


@pytest.mark.parametrize("nonsense", ["", "momentun", 3, None, "**", "x" * 500])
def test_an_unknown_term_is_answered_in_words(nonsense) -> None:
    entry = glossary.look_up(nonsense)
    assert entry.lesson == ""
    assert "glossary.terms() lists all" in str(entry) == entry._repr_markdown_()
    if nonsense == "momentun":
        assert "Near it: momentum" in str(entry)


def test_every_term_of_the_page_can_be_looked_up() -> None:
    page = (Path(__file__).parents[2] / terms.PAGE).read_text(encoding="utf-8")
    named = [line.split("**")[1] for line in page.splitlines() if line.startswith("**")]
    assert glossary.terms() == named
    assert len(named) >= 70
    assert all(glossary.look_up(name).term == name for name in named)
