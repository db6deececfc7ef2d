"""Lesson 02's explorers as the reader has them: every control to its ends, every word true."""

import itertools
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from course.backpropagation import broadcasting, differences, engine, explorers, graphs, stepper
from course.backpropagation.explorers import stretching
from course.widgets.parameters import controls_of


def parameters_of(make):
    return type(make().parameters)


@pytest.mark.parametrize(
    "make", [explorers.graph_stepper, explorers.broadcasting, explorers.gradient_check]
)
def test_every_control_at_its_ends(make):
    widget = make()
    for name, control in controls_of(parameters_of(make)).items():
        for value in control.extremes():
            widget.handle({"kind": "reset"})
            change = {"text": control.text(value)} if control.kind == "slider" else {"value": value}
            if isinstance(value, tuple):
                change = {"value": list(value)}
            widget.handle({"kind": "set", "changes": {name: change}})
            assert widget.wrong == {} and widget.error == ""
            assert getattr(widget.parameters, name) == value
            assert widget.sentence and widget.table["rows"]


# ------------------------------------------------------------------------------- graph stepper


@pytest.mark.parametrize("key", graphs.EXPRESSIONS)
def test_the_right_walk_finds_the_engines_gradients(key):
    expression = graphs.EXPRESSIONS[key]
    nodes: list = []
    for node in expression.nodes:
        parents = [nodes[p] for p in node.parents]
        if node.operation is None:
            nodes.append(engine.Tensor(node.start))
        elif node.operation == "tanh":
            nodes.append(engine.tanh(*parents))
        elif node.operation == "sub":
            nodes.append(parents[0] + -1.0 * parents[1])
        else:
            nodes.append(getattr(engine, node.operation)(*parents))
    nodes[-1].backward()
    found = graphs.trace(expression)
    for node, tensor, gradient in zip(expression.nodes, nodes, found.gradients, strict=True):
        if not node.constant:
            assert gradient == pytest.approx(float(tensor.grad), rel=1e-12)


def test_first_met_first_served_is_wrong_for_the_diamond_and_says_so():
    last = stepper.stepped("diamond", "first_come", 99)
    assert last.trace.gradients[0] == 2.0 and last.right.gradients[0] == 8.0
    assert "leaves dy/dx = 2, but the derivative is 8" in stepper.words(last)
    assert "Done: dy/dx = 8." in stepper.words(stepper.stepped("diamond", "topological", 99))


def test_the_spots_step_and_go_back():
    widget = explorers.graph_stepper(expression="neuron")
    for _ in range(3):
        widget.handle({"kind": "set", "acts": [{"name": "step", "x": 0, "y": 0}]})
    assert widget.parameters.step == 3
    widget.handle({"kind": "set", "acts": [{"name": "back", "x": 0, "y": 0}]})
    assert widget.parameters.step == 2
    widget.handle({"kind": "set", "acts": [{"name": "start", "x": 0, "y": 0}]})
    assert widget.parameters.step == 0


def test_the_step_says_the_local_derivative_as_words_and_number():
    said = stepper.words(stepper.stepped("sum", "topological", 5))
    assert "the local derivative for each operand is the value of the other" in said
    assert "so a gets 1 · (\N{MINUS SIGN}3) = \N{MINUS SIGN}3" in said


def test_values_and_gradients_appear_one_after_the_other():
    for key, walk in itertools.product(graphs.EXPRESSIONS, graphs.WALKS):
        known = [
            sum(v is not None for v in (*m.values, *m.gradients))
            for m in graphs.trace(graphs.EXPRESSIONS[key], walk).moments
        ]
        assert known == sorted(known)
    with pytest.raises(ValueError, match="no walk 'random'"):
        graphs.trace(graphs.EXPRESSIONS["sum"], "random")


# -------------------------------------------------------------------------------- broadcasting

SHAPES = list(stretching._SHAPES.values())


@pytest.mark.parametrize(("a", "b"), list(itertools.product(SHAPES, SHAPES)))
def test_shapes_fit_exactly_where_numpys_do(a, b):
    found = broadcasting.broadcast(a, b)
    assert stretching.describe(found) and stretching.table(found).rows
    try:
        shape = np.broadcast_shapes(a, b)
    except ValueError:
        assert not found.fits and "neither of them is 1" in stretching.describe(found)
        return
    assert found.fits and found.shape == shape
    assert found.for_a.shape == a and found.for_b.shape == b
    assert found.for_a.sum() == found.for_b.sum() == found.gradient.sum()


def test_an_impossible_pair_says_what_would_help():
    said = stretching.describe(broadcasting.broadcast((3, 4), (3,)))
    assert "4 meets 3" in said and "With the shape (3, 1), b would fit" in said


def test_pictures_are_drawn_for_possible_and_impossible_shapes():
    for b in ((4,), (3,), (2, 1, 4)):
        fig = Figure()
        stretching.figure(broadcasting.broadcast((3, 4), b), fig)
        assert fig.axes


# ------------------------------------------------------------------------------- gradient check


@pytest.mark.parametrize("name", differences.CURVES)
def test_the_derivatives_written_by_hand_are_right(name):
    curve, x, e = differences.CURVES[name], 0.7, 1e-4
    below, here, above = (np.array(curve.derivatives(x + d)) for d in (-e, 0.0, e))
    assert np.allclose((above - below)[:3] / (2 * e), here[1:], rtol=1e-5, atol=1e-6)
    assert curve.program(np, np.float64(x)) == pytest.approx(here[0], rel=1e-12)


@pytest.mark.parametrize(
    ("name", "x"), [("tanh", 0.7), ("cube", 0.7), ("network", 0.7), ("tanh", -1.5)]
)
def test_the_best_step_by_theory_is_nearly_the_best_measured(name, x):
    for line in differences.check(name, x).lines:
        near = np.abs(np.log10(differences.STEPS / line.best)) < 0.2
        assert np.median(line.errors[near]) < 300 * np.median(np.sort(line.errors)[:5])


def test_the_curve_is_a_v_and_pytorch_lies_below_it():
    found = differences.check("tanh", 0.7)
    for line in found.lines:
        assert line.errors[0] > 100 * line.least[1] < line.errors[-1]
        assert found.torch_errors[line.dtype] < line.least[1]
    forward, central = (line for line in found.lines if line.dtype == "float64")
    assert central.least[1] < forward.least[1] / 100


def test_without_pytorch_there_is_a_word(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    found = differences.check("tanh", 0.7)
    assert found.torch_errors == {}
    from course.backpropagation.explorers.gradient_check import describe

    assert "PyTorch is not installed here" in describe(found)


def test_an_unknown_curve_is_named():
    with pytest.raises(ValueError, match="no curve 'soup'"):
        differences.check("soup", 0.0)
