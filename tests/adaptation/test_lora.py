"""LoRA by hand: equal to PEFT's, the same in both engines, merged and unmerged exactly."""

import warnings

import numpy as np
import pytest
import torch
from torch import nn

from course import models, scratch
from course.adaptation import engines, lora, tuning

ENGINES = pytest.mark.parametrize("engine", [scratch, torch], ids=["scratch", "torch"])


def network(engine):
    engine.manual_seed(3)
    return models.mlp(engine.nn, (12, 10, 8, 4)).to(engine.float64)


def peft_model(rank, alpha):
    """PEFT's LoRA on the same network, its own matrices drawn from seed 7."""
    base = network(torch)
    torch.manual_seed(7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import peft

        config = peft.LoraConfig(
            r=rank, lora_alpha=alpha, target_modules=["1", "3"], lora_dropout=0.0
        )
        return peft.get_peft_model(base, config, autocast_adapter_dtype=False)


@pytest.mark.parametrize(("rank", "alpha"), [(1, 1.0), (4, 8.0), (8, 2.0)])
def test_the_same_seed_and_steps_give_what_peft_gives(rank, alpha):
    mine = network(torch)
    torch.manual_seed(7)
    lora.add_lora(nn, mine, ("1", "3"), rank, alpha)
    theirs = peft_model(rank, alpha)
    x, y = torch.randn(64, 12, dtype=torch.float64), torch.randint(0, 4, (64,))
    for model in (mine, theirs):
        free = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(free, lr=0.01)
        for _ in range(20):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
    pairs = zip(
        [p for p in mine.parameters() if p.requires_grad],
        [p for p in theirs.parameters() if p.requires_grad],
        strict=True,
    )
    distance = max(float((a - b).abs().max().detach()) for a, b in pairs)
    outputs = float((mine(x) - theirs(x)).abs().max().detach())
    print(
        f"rank {rank}, alpha {alpha:g}: parameters differ by {distance:.1e}, outputs by {outputs:.1e}"
    )
    assert distance < 1e-12 and outputs < 1e-12
    lora.merge(mine)
    merged = theirs.merge_and_unload()
    assert float((mine(x) - merged(x)).abs().max().detach()) < 1e-12


def test_it_counts_what_peft_counts():
    theirs = peft_model(4, 8)
    mine = network(torch)
    lora.add_lora(nn, mine, ("1", "3"), 4, 8)
    trainable, everything = theirs.get_nb_trainable_parameters()
    found = tuning.footprint(mine)
    assert (found.trainable, found.numbers) == (trainable, everything)


@ENGINES
def test_it_starts_as_the_pretrained_model_and_comes_back_from_a_merge_bit_for_bit(engine):
    model = network(engine)
    x = engine.from_numpy(np.random.default_rng(0).normal(size=(9, 12)))
    before = model(x).detach().numpy().copy()
    names = lora.add_lora(engine.nn, model, ("1", "3"), 3, 6.0)
    assert names == ["1", "3"]
    np.testing.assert_array_equal(model(x).detach().numpy(), before)
    rng = np.random.default_rng(1)
    for layer in lora.lora_layers(model):
        layer.B.weight.detach().numpy()[...] = rng.normal(size=layer.B.weight.shape)
    weights = [layer.base.weight.detach().numpy().copy() for layer in lora.lora_layers(model)]
    apart = model(x).detach().numpy().copy()
    assert np.abs(apart - before).max() > 0.1
    lora.merge(model)
    lora.merge(model)  # a second time changes nothing
    np.testing.assert_allclose(model(x).detach().numpy(), apart, rtol=1e-11, atol=1e-11)
    lora.unmerge(model)
    lora.unmerge(model)
    for layer, kept in zip(lora.lora_layers(model), weights, strict=True):
        np.testing.assert_array_equal(layer.base.weight.detach().numpy(), kept)
    np.testing.assert_array_equal(model(x).detach().numpy(), apart)


def test_both_engines_do_the_same_lora():
    found = engines.lora_in_both(rank=3, steps=100)
    assert found.difference < 1e-12 and found.moved == 0 and found.back and found.merging < 1e-12
    assert found.mine[-20:].mean() < found.mine[:20].mean()
    assert "bit for bit" in str(found) and "<table>" in found._repr_html_()
    with pytest.raises(ValueError, match="rank of 10 at most"):
        engines.lora_in_both(rank=11)
    with pytest.raises(ValueError, match="steps"):
        engines.lora_in_both(steps=0)


@ENGINES
def test_each_method_trains_what_it_says(engine):
    counts = {}
    for method in tuning.METHODS:
        model = tuning.prepare(engine.nn, network(engine), method, "5", rank=2, layers=("1", "3"))
        found = tuning.footprint(model)
        counts[method] = found.trainable
        assert found.trainable == sum(p.numel() for p in tuning.trained(model))
        assert found.optimizer == 8 * found.trainable and found.gradients == 4 * found.trainable
        assert found.total == 4 * found.numbers + 12 * found.trainable
    head = 8 * 4 + 4
    assert counts["head"] == head
    assert counts["bias"] == head + 10 + 8
    assert counts["lora"] == head + 2 * (12 + 10) + 2 * (10 + 8)
    assert counts["full"] == 12 * 10 + 10 + 10 * 8 + 8 + head


@ENGINES
def test_training_lora_leaves_the_frozen_numbers_alone(engine):
    model = tuning.prepare(engine.nn, network(engine), "lora", "5", rank=2, layers=("1", "3"))
    frozen = {
        n: p.detach().numpy().copy() for n, p in model.named_parameters() if not p.requires_grad
    }
    x = engine.from_numpy(np.random.default_rng(0).normal(size=(20, 12)))
    optimizer = engine.optim.AdamW(tuning.trained(model), lr=0.1, weight_decay=0.5)
    for _ in range(3):
        optimizer.zero_grad()
        (model(x) ** 2).mean().backward()
        optimizer.step()
    after = dict(model.named_parameters())
    assert len(frozen) == 4
    for name, kept in frozen.items():
        np.testing.assert_array_equal(after[name].detach().numpy(), kept)


@pytest.mark.parametrize("rank", [0, -1, 9, 2.5, True, None, "4"])
def test_a_rank_that_does_not_fit_is_refused_before_anything_changes(rank):
    model = network(scratch)
    with pytest.raises(ValueError, match="whole number from 1 to"):
        lora.add_lora(scratch.nn, model, ("1", "3"), rank)
    assert not lora.lora_layers(model) and all(p.requires_grad for p in model.parameters())


def test_other_nonsense_is_refused_in_words():
    with pytest.raises(ValueError, match="there are 1, 3, 5"):
        lora.add_lora(scratch.nn, network(scratch), ("query",), 2)
    with pytest.raises(ValueError, match="called nothing"):
        lora.add_lora(scratch.nn, network(scratch), (), 2)
    for alpha in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="alpha must be"):
            lora.add_lora(scratch.nn, network(scratch), ("1",), 2, alpha)
    with pytest.raises(ValueError, match="no method 'half'"):
        tuning.prepare(scratch.nn, network(scratch), "half", "5")
