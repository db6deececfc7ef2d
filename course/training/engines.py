"""Which engine a model was built with, found without importing either."""

import sys
from typing import Any


def engine_of(model: Any) -> Any:
    """The top module of the engine that made the model: `course.scratch` or `torch`.

    Raises ValueError for a model without parameters, which no engine can train.
    """
    parameter = next(iter(model.parameters()), None)
    if parameter is None:
        raise ValueError(f"The model {type(model).__name__} has no parameters to train.")
    # The class knows the module that defines it; the engine is the nearest module above that
    # offers what the loop needs.
    name = type(parameter).__module__
    while name:
        module = sys.modules[name]
        if all(hasattr(module, need) for need in ("no_grad", "from_numpy", "get_rng_state")):
            return module
        name = name.rpartition(".")[0]
    raise ValueError(
        f"The model's parameters are {type(parameter).__name__}s of "
        f"{type(parameter).__module__}; expected a model of course.scratch or torch."
    )
