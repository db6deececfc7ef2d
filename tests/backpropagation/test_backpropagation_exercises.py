"""Lesson 02's exercises, predictions and questions keep what they promise."""

import pytest

from course.backpropagation import exercises, questions
from course.checks import verify
from course.scratch import autograd


@pytest.mark.parametrize("exercise", exercises.ALL, ids=lambda exercise: exercise.name)
def test_reference_stub_and_mistakes_are_told_apart(exercise):
    verify(exercise)


def test_any_topological_order_is_right():
    def without_recursion(root):
        order, seen, stack = [], set(), [(root, False)]
        while stack:
            node, listed = stack.pop()
            if listed:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack += [(p, False) for p in reversed(node.parents) if p not in seen]
        return order

    assert exercises.topological_order.check(without_recursion).passed


def test_adding_in_place_is_right_too():
    def send_back(order):
        order[-1].grad += 1.0
        for node in order[::-1]:
            for parent, g in zip(
                node.parents, node.rule(node.grad) if node.rule else (), strict=True
            ):
                parent.grad += g

    assert exercises.send_back.check(send_back).passed


def test_nonsense_earns_nothing():
    for exercise in exercises.ALL:
        assert float(exercise.check(lambda *given: None)) == 0.0
        assert float(exercise.check(42)) == 0.0


def test_the_best_step_is_measured():
    assert questions.best_step() == "1e-5"


@pytest.mark.parametrize("make", [questions.sharing, questions.cost, questions.disagreement])
def test_every_option_explains_itself(make):
    assert all(len(option["why"]) > 30 for option in make().options)


def test_the_names_that_the_lesson_gives_are_in_the_engine():
    for name in ("record", "walk", "unbroadcast"):
        assert callable(getattr(autograd, name))
