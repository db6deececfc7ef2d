"""What a learner types: lessons, progress, mine beside PyTorch."""

from pathlib import Path

import click

from course.commands.progress import progress

_dir = click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Where your lessons are.  [default: my-course]",
)


@click.command()
@_dir
@click.option("--port", default=8888, show_default=True, help="The port to try first.")
@click.option("--no-browser", is_flag=True, help="Print the address and open no browser.")
def lab(folder: Path | None, port: int, no_browser: bool) -> None:
    """Open JupyterLab at your copy of the lessons."""
    from course.classroom.lab import run

    raise SystemExit(run(folder, port=port, browser=not no_browser))


@click.command()
@click.argument("lessons", nargs=-1, metavar="[NN]...")
@_dir
def start(lessons: tuple[str, ...], folder: Path | None) -> None:
    """Copy the lessons NN, or all, into a folder of your own; what you wrote there stays."""
    from course.classroom.folder import chosen, default_folder, lessons_source, update

    source = lessons_source()
    click.echo(update(folder or default_folder(), source, chosen(source, lessons)))


@click.command()
@click.argument("lessons", nargs=-1, metavar="[NN]...")
@_dir
def update(lessons: tuple[str, ...], folder: Path | None) -> None:
    """Bring a newer edition into your lessons; your answers and added cells stay."""
    from course.classroom.folder import default_folder
    from course.classroom.update import update as bring_in
    from course.progress.record import learner_folder

    folder = folder or learner_folder() or default_folder()
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}. Copy the lessons: course start")
    for updated in bring_in(folder, lessons):
        click.echo(updated)


@click.command()
@click.argument("model")
@click.option("--data", required=True, metavar="NAME", help="A data set, for instance digits.")
@click.option("--epochs", default=1, show_default=True, type=click.IntRange(min=1))
@click.option("--seed", default=0, show_default=True)
@click.option(
    "--dtype", default="float32", show_default=True, type=click.Choice(["float32", "float64"])
)
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to save the picture.  [default: compare-MODEL-NAME.png]",
)
def compare(
    model: str, data: str, epochs: int, seed: int, dtype: str, picture: Path | None
) -> None:
    """Train MODEL (mlp or cnn) by hand and in PyTorch, side by side."""
    from course.compare import run

    picture = picture or Path(f"compare-{model}-{data}.png")
    click.echo(run(model=model, data=data, epochs=epochs, seed=seed, dtype=dtype, picture=picture))
    click.echo(f"The picture is in {picture}.")


COMMANDS = (lab, start, update, progress, compare)
