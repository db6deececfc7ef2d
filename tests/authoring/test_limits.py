"""What a published lesson must have is named where it lacks."""

import re
from pathlib import Path

import pytest

from course.authoring import limits, source

ROOT = Path(__file__).parents[2]
REAL = (ROOT / "solutions" / "03_training_loop.py").read_text(encoding="utf-8")


def found(text: str) -> str:
    return "\n".join(limits.findings(source.parse(text)))


def test_a_real_lesson_keeps_every_limit() -> None:
    assert found(REAL) == ""


@pytest.mark.parametrize(
    ("pattern", "new", "words"),
    [
        (r"\Z", "\n# %%\n1" * 2, "it has 36 cells; expected 20 to 35"),
        (r"\*\*50 minutes\*\*", "An hour", "expected the lesson's minutes"),
        (r"(## Reflect) \(\d+ minutes\)", r"\1", "'Reflect' states no minutes"),
        (r"(## Reflect) \(\d+ minutes\)", r"\1 (1 minutes)", "44 minutes together"),
        (r"(\*\*Exercise 2\*\*[^(]*)\(\d+ minutes\)", r"\1(60 minutes)", "minutes, but to read it"),
        (r"(\*\*Exercise 2\*\*[^(]*)\(\d+ minutes\)", r"\1", "Exercise 2 states no minutes"),
        (r"questions\.order\(\), ", "", "2 questions stand under `## Reflect`"),
        (r"repaired", "better", "no exercise repairs code"),
        (r' answer="explain_zero_grad" points=1', "", "no exercise is answered in words"),
    ],
)
def test_what_a_lesson_lacks_is_named(pattern: str, new: str, words: str) -> None:
    text, count = re.subn(pattern, new, REAL)
    assert count >= 1
    assert words in found(text)


def test_the_welcome_may_be_short_and_the_capstone_long() -> None:
    short = "# %% [markdown]\n# # 00 · Hello\n#\n# **2 minutes**\n#\n# ## Look (2 minutes)\n"
    assert found(short) == ""
    assert "1 cells; expected 20 to 35" in found(short.replace("00 ·", "01 ·"))
    long = REAL.replace("# # 03 ·", "# # 14 ·") + "\n# %%\n1" * 10
    assert found(long) == ""


def test_the_count_leaves_code_to_read_and_solutions_aside() -> None:
    lesson = source.parse(REAL)
    before = limits.counted(lesson)
    answer = REAL.replace("# <!-- END SOLUTION -->", "# word " * 400 + "\n# <!-- END SOLUTION -->")
    fence = REAL.replace(
        "#     return losses\n# ```", "#     return losses\n" + "# a b\n" * 400 + "# ```"
    )
    assert limits.counted(source.parse(answer)) == before
    assert limits.counted(source.parse(fence)) == before
    assert (
        limits.counted(source.parse(REAL + "\n# %% [markdown]\n# " + "word " * 400)) == before + 2
    )
