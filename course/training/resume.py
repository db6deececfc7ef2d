"""What of a run goes into its checkpoint, and how it comes back."""

from pathlib import Path
from typing import Any

from course.training import checkpoint
from course.training.engines import engine_of
from course.training.history import History
from course.training.stopping import EarlyStopping


class Resumable:
    """A run tied to a checkpoint file: `load` at its start, `save` after every epoch.

    Kept are the weights, the optimizer's state, the history, early stopping with its best weights,
    and the random states of the engine and of the loader's generators, all at an epoch's end.
    A data set or sampler with a random stream of another kind is beyond its sight.
    """

    def __init__(
        self, path: str | Path, model: Any, optimizer: Any, loader: Any, stopping: EarlyStopping
    ) -> None:
        self.path = Path(path)
        self.model = model
        self.optimizer = optimizer
        self.generators = _generators(loader)
        self.stopping = stopping
        self.engine = engine_of(model)
        self.description = _describe(self.engine, model, optimizer, loader, stopping)

    def load(self) -> History:
        """Put the run into the file's state, or write the present one where there is no file.

        The state is written before the first step too: a model that was interrupted in its first
        epoch must start again from its first weights, not from those it has reached.
        Raises CheckpointError, and changes nothing, for a folder, a damaged file or another run's.
        """
        if self.path.is_dir():
            raise checkpoint.CheckpointError(
                f"{self.path} is a folder. Give `checkpoint` a file, such as {self.path}/run.npz."
            )
        if not self.path.exists():
            history = History()
            self.save(history)
            return history
        state = checkpoint.read(self.path, self.engine)
        checkpoint.require_same_run(self.path, state.get("run", {}), self.description)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        for name, value in state["stopping"].items():
            setattr(self.stopping, name, value)
        self.engine.set_rng_state(state["random"])
        for generator, shuffling in zip(self.generators, state["shuffling"], strict=True):
            generator.set_state(shuffling)
        return History.from_state(state["history"])

    def save(self, history: History) -> None:
        """Write the run's present state over the file's, in one step."""
        stopping = {
            name: value for name, value in vars(self.stopping).items() if name != "patience"
        }
        state = {
            "run": self.description,
            "model": dict(self.model.state_dict()),
            "optimizer": self.optimizer.state_dict(),
            "stopping": stopping,
            "random": self.engine.get_rng_state(),
            "shuffling": [generator.get_state() for generator in self.generators],
            "history": history.state(),
        }
        checkpoint.write(self.path, state)


def _generators(loader: Any) -> list[Any]:
    """The loader's own generator and its sampler's, each once."""
    found: list[Any] = []
    for owner in (loader, getattr(loader, "sampler", None)):
        generator = getattr(owner, "generator", None)
        if generator is not None and all(generator is not other for other in found):
            found.append(generator)
    return found


def _describe(
    engine: Any, model: Any, optimizer: Any, loader: Any, stopping: EarlyStopping
) -> dict[str, str]:
    """The choices that make two runs the same run, as texts to compare and to print."""
    described = {
        "engine": engine.__name__,
        "optimizer": type(optimizer).__name__,
        "batches an epoch": str(len(loader)),
        "generators of the loader": str(len(_generators(loader))),
        "patience": str(stopping.patience),
    }
    for name, value in model.state_dict().items():
        described[f"model.{name}"] = f"{tuple(value.shape)} {str(value.dtype).rpartition('.')[2]}"
    for number, group in enumerate(optimizer.state_dict()["param_groups"]):
        prefix = "optimizer" if number == 0 else f"optimizer group {number}"
        for option, setting in group.items():
            if option != "params":
                described[f"{prefix} {option}"] = repr(setting)
    return described
