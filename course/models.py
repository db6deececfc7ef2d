"""Models written once for both engines.

Each function takes the engine's own `nn` module, `course.scratch.nn` or `torch.nn`, and builds the
same model from it; this file imports neither.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any


def mlp(nn: Any, sizes: Sequence[int] = (784, 128, 10)) -> Any:
    """A multilayer perceptron: linear layers with ReLU between them.

    nn: the engine's module of layers. sizes: units from input to output.
    The model takes (N, ...) with sizes[0] values an example and returns logits (N, sizes[-1]).
    Raises ValueError for fewer than two sizes or a size below 1.
    """
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(
            "sizes must name at least an input and an output size, each 1 or more, "
            f"for example (784, 128, 10); got {tuple(sizes)}."
        )
    layers = [nn.Flatten()]
    for inputs, outputs in pairwise(sizes[:-1]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    layers.append(nn.Linear(sizes[-2], sizes[-1]))
    return nn.Sequential(*layers)


def cnn(nn: Any, side: int = 28, channels: tuple[int, int] = (8, 16), classes: int = 10) -> Any:
    """A small convolutional network: twice convolution, ReLU and pooling, then one linear layer.

    nn: the engine's module of layers. side: height and width of the image in pixels.
    The model takes (N, 1, side, side) and returns logits (N, classes).
    Raises ValueError for a side below 4, which two poolings would leave empty.
    """
    if side < 4:
        raise ValueError(f"side must be at least 4 pixels for two poolings by 2; got {side}.")
    first, second = channels
    return nn.Sequential(
        nn.Conv2d(1, first, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(first, second, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(second * (side // 4) ** 2, classes),
    )
