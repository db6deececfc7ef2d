"""The engine of about a hundred lines gives PyTorch's gradients, also where a node is used again."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course import datasets
from course.backpropagation import engine, exercises, network
from course.backpropagation.assembly import PIECES, assemble
from course.backpropagation.walks import first_come_order


def diamond() -> tuple[engine.Tensor, engine.Tensor]:
    x = engine.Tensor(1.0)
    h = 2 * x
    return x, h + 3 * h


def test_a_reused_node_gets_all_of_its_gradient():
    x, y = diamond()
    y.backward()
    assert x.grad == 8.0


def test_the_walk_without_a_topological_order_finds_2():
    x, y = diamond()
    engine.send_back(first_come_order(y))
    assert x.grad == 2.0


def test_a_second_loss_adds_to_the_gradient_of_the_first():
    x = engine.Tensor(3.0)
    (x * x).backward()
    (x * x).backward()
    assert x.grad == 12.0


def program(lib, tanh, a, b, c):
    """Every operation, broadcasting, and values used several times."""
    h = tanh(a @ b + c)
    return h * h + h * c + 2.0 * h


def test_every_operation_against_pytorch_and_differences():
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=s) for s in ((4, 3), (3, 2), (2,))]
    mine = [engine.Tensor(a) for a in arrays]
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    engine.total(program(engine, engine.tanh, *mine)).backward()
    program(torch, torch.tanh, *theirs).sum().backward()
    for a, b in zip(mine, theirs, strict=True):
        assert np.abs(a.grad - b.grad.numpy()).max() < 1e-12

    def loss() -> float:
        return float(engine.total(program(engine, engine.tanh, *map(engine.Tensor, arrays))).data)

    for tensor, array in zip(mine, arrays, strict=True):
        for place in np.ndindex(array.shape):
            kept = array[place]
            array[place] = kept + 1e-5
            above = loss()
            array[place] = kept - 1e-5
            below = loss()
            array[place] = kept
            assert tensor.grad[place] == pytest.approx((above - below) / 2e-5, rel=1e-6, abs=1e-7)


SHAPES = st.sampled_from(
    [(), (1,), (3,), (4,), (3, 1), (1, 4), (3, 4), (2, 1, 4), (2, 3, 1), (2, 3, 4)]
)


@given(SHAPES, SHAPES, st.sampled_from(["add", "mul"]), st.integers(0, 99))
@settings(deadline=None, max_examples=200)
def test_the_reverse_of_broadcasting_is_pytorchs(shape_a, shape_b, operation, seed):
    try:
        result = np.broadcast_shapes(shape_a, shape_b)
    except ValueError:
        return
    rng = np.random.default_rng(seed)
    a, b, weight = (rng.normal(size=s) for s in (shape_a, shape_b, result))
    mine = [engine.Tensor(a), engine.Tensor(b)]
    theirs = [torch.tensor(a, requires_grad=True), torch.tensor(b, requires_grad=True)]
    engine.total(getattr(engine, operation)(*mine) * weight).backward()
    (getattr(torch, operation)(*theirs) * torch.tensor(weight)).sum().backward()
    for x, y in zip(mine, theirs, strict=True):
        assert x.grad.shape == x.data.shape
        assert np.allclose(x.grad, y.grad.numpy(), rtol=1e-12, atol=1e-12)


def test_a_network_on_digits_has_pytorchs_gradients():
    beside = network.beside_torch(engine, datasets.load("digits"))
    assert set(beside.differences) == set(network.NAMES)
    assert beside.largest < 1e-10


def test_a_wrong_engine_is_seen_beside_pytorch():
    wrong = assemble({"tanh_backward": lambda g, y: g})
    assert network.beside_torch(wrong, datasets.load("digits")).largest > 1e-3


def test_only_pieces_that_pass_are_taken():
    def mul_backward(g, a, b):
        return g * b, g * a

    mine = exercises.assemble_engine(
        {"mul_backward": mul_backward, "send_back": exercises.send_back_with_a_bug}
    )
    assert mine.yours == ("mul_backward",) and not mine.complete
    assert mine.module.mul_backward is mul_backward
    assert "The course lends: tanh_backward" in mine.whose
    assert mine.shown.count("yours to write") == 4
    assert "parent.grad = parent.grad + g" not in mine.shown


def test_a_complete_engine_is_a_module_that_can_be_saved(tmp_path):
    mine = exercises.assemble_engine({name: getattr(engine, name) for name in PIECES})
    assert mine.complete and 70 < mine.lines < 120
    path = tmp_path / "my_engine.py"
    mine.save(path)
    space: dict = {}
    exec(path.read_text(encoding="utf-8"), space)
    x = space["Tensor"](3.0)
    (x * x).backward()
    assert x.grad == 6.0
    with pytest.raises(FileExistsError):
        mine.save(path)
    with pytest.raises(ValueError, match="'div' is no piece"):
        assemble({"div": len})
