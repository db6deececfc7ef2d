"""Operations counted by formula, held to loops that count, to arrays' sizes and to PyTorch's counter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.accelerators import operations as ops
from course.accelerators.precisions import BYTES, bytes_of

SIZE = st.integers(1, 6)


@settings(deadline=None, max_examples=30)
@given(SIZE, SIZE, SIZE)
def test_a_product_as_loops_count_it(m, k, n):
    multiplications = sum(1 for _ in np.ndindex(m, k, n))
    found = ops.matmul(m, k, n, "fp16")
    assert found.flops == 2 * multiplications
    a, b = np.zeros((m, k), np.float16), np.zeros((k, n), np.float16)
    assert found.traffic == {"A": a.nbytes, "B": b.nbytes, "result": (a @ b).nbytes}


@pytest.mark.parametrize("shared", [False, True])
def test_a_batch_moves_a_shared_matrix_once(shared):
    found = ops.batched_matmul(5, 2, 3, 4, shared=shared)
    assert found.flops == 5 * ops.matmul(2, 3, 4).flops
    assert found.traffic["B"] == (1 if shared else 5) * 4 * 12


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding"),
    [(7, 3, 1, 0), (8, 3, 1, 1), (9, 3, 2, 1), (5, 5, 1, 0)],
)
def test_products_convolutions_and_attention_as_pytorch_counts_them(size, kernel, stride, padding):
    torch = pytest.importorskip("torch")
    from torch.utils.flop_counter import FlopCounterMode

    def counted(run):
        counter = FlopCounterMode(display=False)
        with counter:
            result = run()
        return counter.get_total_flops(), result

    x, w = torch.zeros(2, 3, size, size + 1), torch.zeros(4, 3, kernel, kernel)
    flops, y = counted(lambda: torch.nn.functional.conv2d(x, w, stride=stride, padding=padding))
    found = ops.convolution(2, 3, 4, size, size + 1, kernel, stride=stride, padding=padding)
    assert found.flops == flops
    assert found.bytes == sum(t.numel() * t.element_size() for t in (x, w, y))
    flops, _ = counted(lambda: torch.zeros(2, size, 5) @ torch.zeros(2, 5, kernel))
    assert ops.batched_matmul(2, size, 5, kernel).flops == flops
    q, k = torch.zeros(2, 3, size, 8), torch.zeros(2, 3, 11, 8)
    flops, _ = counted(lambda: torch.softmax(q @ k.mT, -1) @ k)
    # PyTorch counts the two products; six operations a score are ours.
    assert ops.attention(2, 3, size, 11, 8).flops == flops + 6 * 2 * 3 * size * 11


def test_causal_attention_counts_the_pairs_that_are_seen():
    for queries, keys in ((1, 1), (4, 4), (3, 7)):
        seen = np.tril(np.ones((queries, keys)), keys - queries).sum()
        all_pairs = ops.attention(1, 1, queries, keys, 16)
        causal = ops.attention(1, 1, queries, keys, 16, causal=True)
        assert causal.flops / all_pairs.flops == pytest.approx(seen / (queries * keys))
        plain = ops.attention(1, 1, queries, keys, 16, causal=True, fused=False)
        assert plain.flops == all_pairs.flops
    with pytest.raises(ValueError, match="4 queries have 3 keys"):
        ops.attention(1, 1, 4, 3, 16, causal=True)


class Memory:
    """Arrays by number of elements; counts what steps read and write."""

    def __init__(self):
        self.moved = 0

    def step(self, reads, writes):
        self.moved += sum(reads) + writes
        return writes


def test_steps_that_are_not_fused_move_what_a_walk_through_them_moves():
    rows, width = 6, 10
    m, x = Memory(), rows * width
    mean = m.step([x], rows)
    centred = m.step([x, mean], x)
    spread = m.step([centred], rows)
    normal = m.step([centred, spread], x)
    weighted = m.step([normal, width], x)
    m.step([weighted, width], x)
    assert ops.normalisation(rows, width, fused=False).bytes == 4 * m.moved
    assert ops.normalisation(rows, width).bytes == 4 * (2 * x + 2 * width)

    m = Memory()  # exp(a * b + c)
    m.step([m.step([m.step([x, x], x), x], x)], x)
    found = ops.elementwise(x, inputs=3, operations=3, fused=False)
    assert found.bytes == 4 * m.moved and found.flops == 3 * x
    assert ops.elementwise(x, inputs=3, operations=3).bytes == 4 * 4 * x

    m, (b, h, q, k, d) = Memory(), (2, 3, 5, 7, 4)
    scores = m.step([b * h * q * d, b * h * k * d], b * h * q * k)
    weights = m.step([scores], b * h * q * k)
    m.step([weights, b * h * k * d], b * h * q * d)
    assert ops.attention(b, h, q, k, d, fused=False).bytes == 4 * m.moved

    m, patches = Memory(), 8 * 8 * 3 * 9
    m.step([m.step([3 * 10 * 10], patches), 4 * 27], 4 * 64)
    assert ops.convolution(1, 3, 4, 10, 10, 3, fused=False).bytes == 4 * m.moved


def test_fusing_computes_the_same_and_moves_less():
    for make in (
        lambda fused: ops.elementwise(100, inputs=2, operations=4, fused=fused),
        lambda fused: ops.attention(1, 2, 64, 64, 16, fused=fused),
        lambda fused: ops.normalisation(8, 32, fused=fused),
        lambda fused: ops.convolution(1, 3, 8, 16, 16, 3, fused=fused),
    ):
        assert make(True).flops == make(False).flops and make(True).bytes < make(False).bytes


def test_looking_up_computes_nothing_and_a_sum_reads_each_number_once():
    found = ops.embedding(32, 128, "bf16")
    assert found.flops == 0 and found.intensity == 0
    assert found.bytes == 32 * 8 + 2 * 32 * 128 * 2
    assert ops.reduction(4, 10).flops == 4 * 9 and ops.reduction(4, 10).bytes == 4 * 44


def test_what_stays_on_the_chip_does_not_move():
    layer = ops.matmul(200, 512, 256, "int8").resident("A", "result")
    # A weight byte is used once for each row: two operations.
    assert layer.intensity == 2 * 200
    with pytest.raises(ValueError, match="moves no 'C'; it moves A, B, result"):
        ops.matmul(1, 1, 1).resident("C")
    with pytest.raises(ValueError, match="at least one"):
        ops.matmul(1, 1, 1).resident("A", "B", "result")


def test_operations_add_up_in_one_precision():
    both = ops.matmul(2, 3, 4) + ops.reduction(2, 4)
    assert both.flops == 48 + 6 and both.bytes == ops.matmul(2, 3, 4).bytes + 4 * 10
    with pytest.raises(ValueError, match="cannot add fp16 to fp32"):
        _ = ops.matmul(1, 1, 1) + ops.matmul(1, 1, 1, "fp16")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: ops.matmul(0, 1, 1), "m must be 1 or more, not 0; the nearest possible is 1"),
        (lambda: ops.matmul(1, 2.5, 1), "k must be a whole number of 1 or more, not 2.5"),
        (lambda: ops.matmul(1, 1, float("inf")), "n must be a whole number"),
        (lambda: ops.matmul(1, True, 1), "k must be a whole number"),
        (lambda: ops.reduction("4", 1), "rows must be a whole number of 1 or more, not '4'"),
        (lambda: ops.matmul(1, 1, 1, "pf16"), "no precision 'pf16'; did you mean 'fp16'"),
        (lambda: ops.matmul(1, 1, 1, "float32"), "did you mean 'fp32'"),
        (lambda: ops.matmul(1, 1, 1, "xyz"), "there are fp64, fp32"),
        (lambda: ops.elementwise(9, inputs=3), "at least 2 operations to become one, not 1"),
        (lambda: ops.convolution(1, 1, 1, 4, 9, 7, padding=1), "the largest that does is 6"),
        (lambda: ops.convolution(1, 1, 1, 4, 4, 3, padding=-1), "padding must be a whole number"),
        (lambda: ops.convolution(1, 1, 1, 4, 4, 3, stride=0), "stride must be 1 or more"),
    ],
)
def test_what_is_no_operation_is_named(make, said):
    with pytest.raises(ValueError, match=said):
        make()


def test_bytes_are_those_of_real_arrays():
    for name, dtype in {"fp64": "f8", "fp32": "f4", "fp16": "f2", "int8": "i1"}.items():
        assert bytes_of(name) == np.dtype(dtype).itemsize
    assert BYTES["bf16"] == 2 and BYTES["int4"] == 0.5
