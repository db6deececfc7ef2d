"""What an instructor types: plan, slides, release, grade; what helps a whole room start."""

from pathlib import Path

import click

_lessons = click.option(
    "--lessons", metavar="01,03", help="The lessons to take.  [default: all of them]"
)
_folder = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.option("--hours", required=True, type=float, help="How long the workshop is.")
@click.option("--audience", default="beginners", show_default=True, metavar="WHO")
def plan(hours: float, audience: str) -> None:
    """Plan a workshop from the lessons' own minutes (beginners, developers, decision-makers)."""
    from course.classroom.plan import plan as make_plan
    from course.classroom.syllabus import lessons

    click.echo(make_plan(hours, audience, lessons()))


@click.command()
@click.argument("lesson")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")
def slides(lesson: str, out: Path | None) -> None:
    """Write a lesson as slides: one HTML file that needs no network."""
    from course.classroom.slides import write_slides
    from course.classroom.syllabus import choose

    for chosen in choose(lesson):
        path = write_slides(chosen, out)
        click.echo(f"{path} holds the slides. Open it in a browser; the arrow keys turn the pages.")


@click.command()
@click.argument("folder", type=_folder)
@_lessons
@click.option("--zip", "zipped", is_flag=True, help="Write FOLDER.zip instead of a folder.")
def release(folder: Path, lessons: str | None, zipped: bool) -> None:
    """Write the lessons to hand out, without their solutions, to FOLDER."""
    from course.classroom.release import release as make_release

    click.echo(make_release(folder, lessons, zipped))


@click.command()
@click.argument("folder", type=_folder)
@click.option("--out", type=_folder, help="Where results go.  [default: FOLDER-grades]")
@click.option("--seconds", default=30.0, show_default=True, type=click.FloatRange(min=1))
@click.option("--memory", default=4096, show_default=True, type=click.IntRange(min=512))
@click.option("--workers", type=click.IntRange(min=1), help="How many at a time.  [default: cores]")
@click.option("--network", is_flag=True, help="Let submissions use the network.")
@click.option("--again", is_flag=True, help="Grade anew what was graded before.")
def grade(
    folder: Path,
    out: Path | None,
    seconds: float,
    memory: int,
    workers: int | None,
    network: bool,
    again: bool,
) -> None:
    """Grade a folder of submissions; --seconds for a cell, --memory in megabytes for each."""
    from course.classroom.grading.grade import Interrupted
    from course.classroom.grading.grade import grade as grade_all
    from course.classroom.grading.run import Limits

    limits = Limits(seconds=seconds, memory_mb=memory, network=network)
    try:
        click.echo(grade_all(folder, out, limits, workers, again=again))
    except Interrupted as error:
        click.echo(f"\n{error}", err=True)
        raise SystemExit(130) from None


@click.command()
@click.option("--dir", "folder", type=_folder, default=Path("my-course"), help="Where you work.")
def doctor(folder: Path) -> None:
    """Look the installation over, and say what to do where something is wrong."""
    from course.classroom.doctor import HINT, WRONG, examine

    states = []
    for finding in examine(folder):
        click.echo(str(finding))
        states.append(finding.state)
    if WRONG in states:
        click.echo(f"{states.count(WRONG)} to put right; the lines above say how.")
        raise SystemExit(1)
    click.echo(
        "All is well." if HINT not in states else "It works; the notes are for you to judge."
    )


@click.command()
@click.argument("folder", type=_folder)
@click.option(
    "--platform",
    "platforms",
    multiple=True,
    type=click.Choice(["win", "mac", "linux"]),
    help="May be given several times.  [default: this computer's]",
)
@click.option("--python", default="3.12", show_default=True, help="The Python of the room.")
@_lessons
def bundle(folder: Path, platforms: tuple[str, ...], python: str, lessons: str | None) -> None:
    """Make FOLDER for a room without network: lessons, packages, one command to install."""
    from course.classroom.bundle import bundle as make_bundle

    click.echo(make_bundle(folder, platforms, python, lessons))


COMMANDS: tuple[click.Command, ...] = (plan, slides, release, grade, doctor, bundle)
