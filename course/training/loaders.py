"""Data loaders of either engine over a data set of `course.datasets`."""

from typing import Any

from course.datasets import Dataset


def loaders(
    engine: Any, data: Dataset, *, batch_size: int, seed: int = 0, dtype: str = "float32"
) -> tuple[Any, Any]:
    """Two of the engine's own DataLoaders: shuffled training batches, held-out batches in order.

    engine: `course.scratch` or `torch`. batch_size: images a step. seed: fixes the shuffling.
    dtype: of the images, "float32" or "float64". A batch is images (B, 1, H, W), labels (B,).
    """
    pipeline = engine.utils.data

    def dataset(images: Any, labels: Any) -> Any:
        return pipeline.TensorDataset(
            engine.from_numpy(images.astype(dtype)), engine.from_numpy(labels.copy())
        )

    return (
        pipeline.DataLoader(
            dataset(data.train_images, data.train_labels),
            batch_size=batch_size,
            shuffle=True,
            generator=engine.Generator().manual_seed(seed),
        ),
        pipeline.DataLoader(dataset(data.held_out_images, data.held_out_labels), batch_size=250),
    )
