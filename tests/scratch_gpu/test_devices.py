"""Devices as PyTorch has them: what is made, moved, saved and refused where."""

from __future__ import annotations

import inspect
import io
import sys

import numpy as np
import pytest
import stand_in_cupy
import torch
from on_gpu import home, place  # noqa: F401 (a fixture)

from course import scratch
from course.scratch import nn

CPU, GPU = scratch.device("cpu"), scratch.device("cuda", 0)


@pytest.mark.parametrize("words", [("cpu",), ("cuda",), ("cuda:0",), ("cuda", 0)])
def test_a_device_shows_itself_as_in_pytorch(words: tuple) -> None:
    ours, theirs = scratch.device(*words), torch.device(*words)
    assert (ours.type, ours.index) == (theirs.type, theirs.index)
    assert (repr(ours), str(ours)) == (repr(theirs), str(theirs))
    assert (ours == GPU) == (theirs == torch.device("cuda", 0))


@pytest.mark.parametrize("other", ["cuda:1", "mps", "gpu", "cuda:"])
def test_other_devices_are_refused(other: str) -> None:
    with pytest.raises(RuntimeError, match=r"'cpu'.*'cuda'"):
        scratch.device(other)


def test_without_cupy_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    assert not scratch.cuda.is_available()
    for call in (
        lambda: scratch.ones(2).to("cuda"),
        lambda: scratch.ones(2, device="cuda"),
        lambda: nn.Linear(2, 2, device="cuda"),
        lambda: nn.Linear(2, 2).cuda(),
        scratch.cuda.synchronize,
    ):
        with pytest.raises(RuntimeError, match=r"install cupy-cuda1.*'cpu'"):
            call()


def test_cupy_without_a_gpu_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", stand_in_cupy)
    monkeypatch.setattr(stand_in_cupy, "is_available", lambda: False)
    assert not scratch.cuda.is_available()
    with pytest.raises(RuntimeError, match=r"no NVIDIA GPU"):
        scratch.ones(2).cuda()


def test_an_old_cupy_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", stand_in_cupy)
    monkeypatch.setattr(stand_in_cupy, "__version__", "13.6.0")
    with pytest.raises(RuntimeError, match=r"CuPy 14.*13\.6"):
        scratch.ones(2).cuda()


@pytest.mark.usefixtures("place")
class TestOnGPU:
    def test_moving(self) -> None:
        x = scratch.randn(2, 3, requires_grad=True)
        y = x.to("cuda")
        assert (x.device, y.device, y.is_cuda) == (CPU, GPU, True)
        assert y.to("cuda") is y
        assert y.to(x).device == CPU
        assert y.to(scratch.float64, device="cpu").dtype == scratch.float64
        assert y.to("cuda", scratch.float16).dtype == scratch.float16
        (y * y).sum().backward()
        assert x.grad is not None
        assert x.grad.device == CPU
        np.testing.assert_allclose(x.grad.numpy(), 2 * home(x), rtol=1e-6)
        assert "device='cuda:0'" in repr(y)
        assert "device" not in repr(y.cpu())

    def test_new_tensors(self) -> None:
        for made in (
            scratch.tensor([1.0, 2.0], device="cuda"),
            scratch.tensor(scratch.ones(2, device="cuda")),
            scratch.as_tensor(np.ones(2), device="cuda"),
            scratch.zeros(2, device="cuda"),
            scratch.full((2,), 3.0, device=GPU),
            scratch.eye(2, device="cuda"),
            scratch.arange(3, device="cuda"),
            scratch.linspace(0, 1, 3, device="cuda"),
            scratch.zeros_like(scratch.ones(2, device="cuda")),
            scratch.randn_like(scratch.ones(2, device="cuda")),
            scratch.randint(5, (2,), device="cuda"),
            scratch.randperm(5, device="cuda"),
            scratch.multinomial(scratch.ones(3, device="cuda"), 2),
        ):
            assert made.device == GPU

    def test_random_numbers_are_those_of_the_cpu(self) -> None:
        drawn = []
        for where in ("cpu", "cuda"):
            scratch.manual_seed(3)
            x = scratch.rand(50, device=where)
            drawn.append(home(nn.functional.dropout(x, 0.5)))
        np.testing.assert_array_equal(*drawn)

    def test_numpy_is_refused_with_advice(self) -> None:
        x = scratch.ones(2, device="cuda")
        for call in (x.numpy, lambda: np.asarray(x)):
            with pytest.raises(TypeError, match=r"cuda:0.*\.cpu\(\)"):
                call()
        np.testing.assert_array_equal(x.cpu().numpy(), [1, 1])
        assert scratch.tensor(2.5, device="cuda").item() == 2.5
        assert x.tolist() == [1.0, 1.0]

    @pytest.mark.parametrize("call", [
        lambda x, y: x + y,
        lambda x, y: x @ y,
        lambda x, y: scratch.where(x > 0, x, y),
        lambda x, y: scratch.cat([x, y]),
        lambda x, y: nn.functional.linear(x, y),
        lambda x, y: nn.functional.mse_loss(x, y),
        lambda x, y: nn.functional.layer_norm(x, (2,), y[0]),
        lambda x, y: nn.functional.embedding(y.long(), x),
        lambda x, y: scratch.einsum("ij,jk->ik", x, y),
        lambda x, y: x == y,
    ])  # fmt: skip
    def test_two_devices_do_not_meet(self, call: object) -> None:
        assert callable(call)
        x, y = scratch.ones(2, 2), scratch.ones(2, 2, device="cuda")
        for pair in ((x, y), (y, x)):
            with pytest.raises(RuntimeError, match=r"one device.*cpu.*cuda:0.*\.to\(device\)"):
                call(*pair)

    def test_numbers_and_indices_of_the_cpu_are_welcome(self) -> None:
        x = scratch.ones(3, device="cuda", requires_grad=True)
        scale = scratch.tensor(2.0, requires_grad=True)
        (x * scale * 3 + 1).sum().backward()
        assert scale.grad is not None
        assert (scale.grad.device, scale.grad.item()) == (CPU, 9.0)
        assert x[scratch.tensor([0, 2])].tolist() == [1, 1]
        y = scratch.zeros(3, device="cuda")
        y[scratch.tensor([True, False, True])] = 5
        assert y.tolist() == [5, 0, 5]

    def test_changes_in_place(self) -> None:
        x = scratch.ones(2, 1, device="cuda")
        x += 1
        x.masked_fill_(x > 1, 7.0)
        assert x.tolist() == [[7], [7]]
        with pytest.raises(RuntimeError, match="expanded"):
            x.expand(2, 3).add_(1)

    def test_a_module_moves_in_place(self) -> None:
        model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
        weight = model[0].weight
        model(scratch.ones(4, 3)).sum().backward()
        assert model.to("cuda") is model
        assert model[0].weight is weight
        assert {t.device for t in [*model.parameters(), *model.buffers()]} == {GPU}
        assert weight.grad.device == GPU
        assert model(scratch.ones(4, 3, device="cuda")).device == GPU
        assert {t.device for t in model.cpu().state_dict().values()} == {CPU}

    def test_saving_and_loading_between_devices(self) -> None:
        model = nn.Linear(3, 2).cuda()
        file = io.BytesIO()
        scratch.save(model.state_dict(), file)
        for where, device in ((None, CPU), ("cuda", GPU)):
            file.seek(0)
            loaded = scratch.load(file, map_location=where)
            assert {t.device for t in loaded.values()} == {device}
            other = nn.Linear(3, 2).cuda()
            other.load_state_dict(loaded)
            assert other.weight.device == GPU
            np.testing.assert_array_equal(home(other.weight), home(model.weight))

    def test_gradients_are_checked_against_differences(self) -> None:
        x = scratch.rand(2, 2, dtype=scratch.float64, device="cuda", requires_grad=True)
        assert scratch.autograd.gradcheck(lambda x: (x.exp() @ x).sum(), [x])

    def test_clipping_returns_a_norm_on_the_gpu(self) -> None:
        x = scratch.ones(4, device="cuda", requires_grad=True)
        (3 * x).sum().backward()
        total = nn.utils.clip_grad_norm_([x], 1.0)
        assert (total.device, total.item()) == (GPU, 6.0)


def test_the_stand_in_has_the_signatures_of_cupy() -> None:
    cupy = pytest.importorskip("cupy", reason="CuPy is not installed here")
    for name, words in stand_in_cupy._CALLS.items():
        theirs = inspect.signature(getattr(cupy, name)).parameters
        assert list(theirs) == list(words.parameters), name
    for name in stand_in_cupy.UFUNCS:
        assert "ufunc" in type(getattr(cupy, name)).__name__.lower(), name
    for name in stand_in_cupy.METHODS:
        assert hasattr(cupy.ndarray, name), name
