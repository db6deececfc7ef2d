"""What a contributor types: starting a lesson, building lessons from their sources."""

from pathlib import Path

import click


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail when a notebook is out of date.")
@click.option("--watch", is_flag=True, help="Build again whenever a source is saved, until Ctrl-C.")
def build(check: bool, watch: bool) -> None:
    """Build both editions of every lesson from its source (for contributors)."""
    if check and watch:
        raise click.UsageError("`--check` writes nothing and `--watch` writes; give one of them.")
    root = _clone()
    if watch:
        from course.authoring.watch import watch as watch_lessons

        watch_lessons(root, click.echo)
    from course.authoring.build import build as build_lessons
    from course.authoring.limits import of_course as lesson_limits

    messages = build_lessons(root, check=check)
    # A draft may be built as it grows; what is committed keeps the limits.
    limits = lesson_limits(root)
    for message in [*messages, *limits]:
        click.echo(message)
    if messages or (check and limits):
        raise SystemExit(1)
    click.echo(
        "Both editions are what their sources give." if check else "Both editions are built."
    )


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail when a link names another place.")
def links(check: bool) -> None:
    """Point every link at the repository that pyproject.toml names (for contributors)."""
    root = _clone()
    from course.authoring.build import build as build_lessons
    from course.authoring.relink import relink

    messages = relink(root, check=check)
    wrong = build_lessons(root, check=check)
    for message in [*messages, *wrong]:
        click.echo(message)
    if wrong or (check and messages):
        raise SystemExit(1)
    click.echo("All links are right." if check or not messages else "These were rewritten.")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--lessons", metavar="NN,NN", help="Only these lessons.")
@click.option("--no-run", is_flag=True, help="Without the outputs of the cells; quick.")
def book(folder: Path, lessons: str | None, no_run: bool) -> None:
    """Make the book, the lessons as web pages, in FOLDER (for contributors)."""
    root = _clone()
    from course.authoring.book import make_book

    only = {number.strip().zfill(2) for number in lessons.split(",")} if lessons else None
    first = make_book(root, folder, only=only, running=not no_run, say=click.echo)
    click.echo(f"The book begins at {first}")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def lite(folder: Path) -> None:
    """Make the site on which lessons 00 to 04 run inside a browser, in FOLDER (for contributors)."""
    root = _clone()
    from course.authoring.lite import make_site

    click.echo(f"The site begins at {make_site(root, folder, say=click.echo)}")


@click.command("new-lesson")
@click.argument("number", metavar="NN")
@click.argument("slug")
def new_lesson(number: str, slug: str) -> None:
    """Start the source of a lesson (for contributors)."""
    root = _clone()
    from course.authoring.new_lesson import new_lesson as start_lesson

    path = start_lesson(root, number, slug)
    click.echo(f"{path} is the start of a lesson. Edit it, with `course build --watch` beside it.")


def _clone() -> Path:
    from course.lessons import clone_root

    root = clone_root()
    if root is None:
        raise FileNotFoundError(
            "This command works in a clone of the repository; this course is installed without "
            "its sources."
        )
    return root


COMMANDS = (book, build, links, lite, new_lesson)
