"""What counts as a line of a solution in the student's file, and what does not."""

import pytest

from course.authoring import editions, source
from course.authoring.leaks import leaks

LESSON = """\
# %% [markdown]
# # Title

# %% exercise="f" {metadata}
def f(params, lr):
    ### BEGIN SOLUTION
    {solution}
    ### END SOLUTION

# %% {kind}
{shown}
"""


def leaked(solution: str, shown: str, kind: str = "", metadata: str = "") -> list[str]:
    body = solution.replace("\n", "\n    ")
    text = LESSON.format(solution=body, shown=shown, kind=kind, metadata=metadata)
    lesson = source.parse(text)
    return leaks(lesson.cells[1], editions.student_edition(lesson, "01_x"))


@pytest.mark.parametrize(
    ("solution", "shown", "kind"),
    [
        ("p.data -= lr * p.grad", "    p.data -= lr*p.grad", ""),
        ("p.data -= lr * p.grad  # step", "p.data -= lr * p.grad", ""),
        ("p.data -= lr * p.grad", "x = 1  # or p.data -= lr * p.grad", ""),
        ("p.data -= lr * p.grad", 'help = """p.data -= lr * p.grad"""', ""),
        ("p.data -= lr * p.grad", "# The step is `p.data -= lr * p.grad`.", "[markdown]"),
        ("c = a * b - 1\nreturn a @ b", "    return a @ b", ""),
        ("return a @ b", "# It is return a @ b, of course.", "[markdown]"),
        ("return mean(  # divide by the batch size\n    lr)", "# divide by the batch size", ""),
        ("for p in params:\n    p.step()", "for p in params:\n    p.step()", ""),
        ('x = call("a # b", 2)', 'x = call("a # b", 2)', ""),
    ],
)
def test_a_telling_line_is_found(solution: str, shown: str, kind: str) -> None:
    assert leaked(solution, shown, kind) != []


@pytest.mark.parametrize(
    ("solution", "shown"),
    [
        ("y = lr * 2 + 1\nreturn y", "def g(y):\n    return y"),
        ("y = lr * 2 + 1\nloss.backward()", "loss.backward()"),
        ("for p in params:\n    p.grad = p.grad * lr", "for p in params:\n    print(p)"),
        ("p.data -= lr * p.grad", "p.data -= lr * p.gradient"),
        ("p.data -= lr * p.grad", "p.data -= rate * p.grad"),
        ("for p in params:\n    p.step()", "for p in params:\n    print(p)\n    p.step()"),
    ],
)
def test_a_line_that_tells_nothing_is_allowed(solution: str, shown: str) -> None:
    assert leaked(solution, shown) == []


def test_an_author_can_mean_a_line_to_be_seen() -> None:
    line = "p.data -= lr * p.grad"
    assert leaked(line, line) == [line]
    assert leaked(line, line, metadata=f'shown=["{line}"]') == []
