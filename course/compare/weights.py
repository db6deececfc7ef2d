"""Weights carried from a model of one engine into the same model of the other."""

from typing import Any

from course.training.engines import engine_of


def copy_weights(source: Any, target: Any) -> None:
    """Give target the weights of source, by the names and shapes of their state_dicts.

    Either may be of either engine. Nothing is shared: the values are copied, into target's dtype.
    Raises ValueError, and changes nothing, where names or shapes differ.
    """
    values = {name: value.detach().numpy() for name, value in source.state_dict().items()}
    places = {name: value.detach().numpy() for name, value in target.state_dict().items()}
    problems = [
        f"{name} has shape {_shape(values, name)} in the source, {_shape(places, name)} in the "
        "target"
        for name in dict.fromkeys([*values, *places])
        if _shape(values, name) != _shape(places, name)
    ]
    if problems:
        raise ValueError(f"The two models are not the same model: {'; '.join(problems)}.")
    from_numpy = engine_of(target).from_numpy
    # load_state_dict copies into the target's own arrays, so it also sets the dtype.
    target.load_state_dict({name: from_numpy(value) for name, value in values.items()})


def _shape(arrays: dict[str, Any], name: str) -> str:
    return str(arrays[name].shape) if name in arrays else "(none)"
