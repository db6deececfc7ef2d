"""One program, two engines: each trains 50 steps in both, from one source, to the same numbers.

A program gets an engine and builds its model from it. The weights and the batches are the same, in
float64; every loss, every weight and every buffer after the last step must then agree to 1e-9.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from course import scratch

STEPS = 50
VOCABULARY, CONTEXT, WIDTH = 11, 6, 8


def gpt(engine, own_attention: bool):
    """A small GPT with tied weights; its attention is the engine's layer, or made from parts."""
    nn, F = engine.nn, engine.nn.functional

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            if own_attention:
                self.qkv = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
                self.proj = nn.Linear(WIDTH, WIDTH)
            else:
                self.attention = nn.MultiheadAttention(WIDTH, 2, batch_first=True)

        def forward(self, x):
            n, t, c = x.shape
            if own_attention:
                q, k, v = (
                    part.view(n, t, 2, c // 2).transpose(1, 2) for part in self.qkv(x).split(c, 2)
                )
                y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
                return self.proj(y.transpose(1, 2).reshape(n, t, c))
            mask = engine.ones(t, t, dtype=engine.bool).triu(1)
            return self.attention(x, x, x, attn_mask=mask, need_weights=False, is_causal=True)[0]

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
            self.attention = Attention()
            self.feed = nn.Sequential(
                nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH)
            )

        def forward(self, x):
            x = x + self.attention(self.norm1(x))
            return x + self.feed(self.norm2(x))

    class GPT(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens = nn.Embedding(VOCABULARY, WIDTH)
            self.places = nn.Parameter(engine.zeros(CONTEXT, WIDTH))
            self.blocks = nn.ModuleList([Block() for _ in range(2)])
            self.norm = nn.LayerNorm(WIDTH)
            self.head = nn.Linear(WIDTH, VOCABULARY, bias=False)
            self.head.weight = self.tokens.weight

        def forward(self, tokens):
            x = self.tokens(tokens) * math.sqrt(WIDTH) + self.places[: tokens.shape[1]]
            for block in self.blocks:
                x = block(x)
            return self.head(self.norm(x))

    return GPT()


def recurrent(engine, kind: str, bidirectional: bool):
    nn = engine.nn

    class Classifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens = nn.Embedding(VOCABULARY, 5, padding_idx=0)
            self.layer = getattr(nn, kind)(
                5, 7, 2, batch_first=True, bidirectional=bidirectional, dropout=0.0
            )
            self.head = nn.Linear(7 * (1 + bidirectional), 3)

        def forward(self, tokens):
            out, last = self.layer(self.tokens(tokens))
            hidden = last[0] if kind == "LSTM" else last
            return self.head(out.mean(1) + (out[:, -1] if bidirectional else hidden[-1]))

    return Classifier()


def cnn(engine):
    nn = engine.nn
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(4, 6, 3, groups=2), nn.GroupNorm(3, 6), nn.SiLU(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(6, 5), nn.BatchNorm1d(5), nn.LeakyReLU(), nn.Linear(5, 3),
    )  # fmt: skip


def mlp(engine):
    nn = engine.nn
    return nn.Sequential(
        nn.Linear(4, 16), nn.Tanh(), nn.Dropout(0.0), nn.Linear(16, 16), nn.ELU(), nn.Dropout(0.0),
        nn.Linear(16, 3),
    )  # fmt: skip


def encoder(engine):
    nn = engine.nn

    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens = nn.Embedding(VOCABULARY, WIDTH)
            self.layers = nn.ModuleList(
                [nn.TransformerEncoderLayer(WIDTH, 2, 16, 0.0, batch_first=True) for _ in range(2)]
            )
            self.head = nn.Linear(WIDTH, 3)

        def forward(self, tokens):
            x = self.tokens(tokens)
            for layer in self.layers:
                x = layer(x, src_key_padding_mask=tokens == 0)
            return self.head(x[:, 0])

    return Encoder()


RNG = np.random.default_rng(0)
SENTENCES = RNG.integers(1, VOCABULARY, (STEPS, 4, CONTEXT))
SENTENCES[:, :2, -2:] = 0  # padding
VECTORS = RNG.standard_normal((STEPS, 6, 4))
IMAGES = RNG.standard_normal((STEPS, 5, 1, 8, 8))
CLASSES = RNG.integers(0, 3, (STEPS, 6))


def optimizer_of(engine, name: str, parameters):
    optim = engine.optim
    if name == "adamw":
        return optim.AdamW(parameters, lr=3e-3, betas=(0.9, 0.95))
    if name == "sgd":
        return optim.SGD(parameters, lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-3)
    if name == "rmsprop":
        return optim.RMSprop(parameters, lr=1e-3, momentum=0.5, centered=True)
    return optim.Adam(parameters, lr=1e-2)


PROGRAMS = {
    "GPT from parts": (lambda e: gpt(e, True), SENTENCES, "adamw"),
    "GPT with MultiheadAttention": (lambda e: gpt(e, False), SENTENCES, "adamw"),
    "LSTM classifier": (lambda e: recurrent(e, "LSTM", False), SENTENCES, "adam"),
    "LSTM both ways": (lambda e: recurrent(e, "LSTM", True), SENTENCES, "sgd"),
    "GRU": (lambda e: recurrent(e, "GRU", False), SENTENCES, "adam"),
    "RNN": (lambda e: recurrent(e, "RNN", True), SENTENCES, "rmsprop"),
    "CNN with BatchNorm": (cnn, IMAGES, "sgd"),
    "MLP with dropout of 0": (mlp, VECTORS, "rmsprop"),
    "Transformer encoder": (encoder, SENTENCES, "adam"),
}


def train(engine, model, inputs: np.ndarray, optimizer_name: str) -> list[float]:
    """The losses of 50 steps: next token where the model gives one for each place, else a class."""
    F = engine.nn.functional
    optimizer = optimizer_of(engine, optimizer_name, model.parameters())
    schedule = engine.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    losses = []
    model.train()
    for step in range(STEPS):
        x = engine.from_numpy(inputs[step])
        out = model(x)
        if out.ndim == 3:
            loss = F.cross_entropy(out[:, :-1].flatten(0, 1), x[:, 1:].flatten(), ignore_index=0)
        else:
            y = engine.from_numpy(CLASSES[step, : len(x)])
            loss = F.cross_entropy(out, y, label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        engine.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.filterwarnings("ignore:enable_nested_tensor", "ignore:The PyTorch API of nested")
def test_fifty_steps_end_in_the_same_place(name: str) -> None:
    build, inputs, optimizer = PROGRAMS[name]
    torch.manual_seed(0)
    theirs, mine = build(torch).double(), build(scratch).double()
    mine.load_state_dict(theirs.state_dict())
    found, expected = (
        train(engine, model, inputs, optimizer)
        for engine, model in ((scratch, mine), (torch, theirs))
    )
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    assert np.mean(found[-10:]) < np.mean(found[:10])
    for key, value in theirs.state_dict().items():
        np.testing.assert_allclose(
            mine.state_dict()[key].numpy(), value.numpy(), rtol=0, atol=1e-9, err_msg=key
        )
    mine.eval()
    theirs.eval()
    with scratch.no_grad(), torch.no_grad():
        x = inputs[0]
        np.testing.assert_allclose(
            mine(scratch.from_numpy(x)).numpy(), theirs(torch.from_numpy(x)).numpy(), atol=1e-9
        )


def test_tied_weights_are_one_parameter_that_gets_both_gradients() -> None:
    model = gpt(scratch, True)
    assert model.head.weight is model.tokens.weight
    names = [name for name, _ in model.named_parameters()]
    assert "tokens.weight" in names
    assert "head.weight" not in names
