"""`course progress`: show, move, report and forget what a learner has done."""

import zipfile
from pathlib import Path

import click


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Where your lessons are.  [default: the folder you are in, else my-course]",
)
@click.option("--code", is_flag=True, help="Print a code to copy to another computer.")
@click.option(
    "--export",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write your progress to a file, for another computer.",
)
@click.option(
    "--import",
    "given",
    metavar="FILE_OR_CODE",
    help="Take in such a file or code, or a zip of your work.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.md|.html",
    help="Write a report with every score.",
)
@click.option("--forget", is_flag=True, help="Delete your progress, after asking.")
def progress(
    folder: Path | None,
    code: bool,
    target: Path | None,
    given: str | None,
    report: Path | None,
    forget: bool,
) -> None:
    """Show what is done and what is next; take your progress with you."""
    from course.classroom.folder import default_folder
    from course.progress import record, takeaway, transfer
    from course.progress.store import Store
    from course.progress.summary import overview

    if report and report.suffix not in (".md", ".html"):
        raise ValueError(f"A report ends in .md or .html, which {report} does not.")
    folder = folder or record.learner_folder()
    if folder is None and default_folder().is_dir():
        folder = default_folder()
    where = record.place(folder)
    if where is None:
        raise ValueError(f"Progress is switched off here ({record.PLACE}=off).")
    store = Store(where)
    if forget:
        if not where.exists():
            click.echo(f"There is no progress in {where}.")
            return
        click.confirm(f"Delete all progress in {where}? This cannot be undone.", abort=True)
        click.echo(f"Deleted: {', '.join(str(path) for path in store.forget())}.")
        return
    if given:
        found = transfer.read(given)
        store.add({"what": "state", "state": found.as_dict()})
        parts = ("exercises", found.checks), ("questions", found.answers)
        said = ", ".join(
            f"{name} {len(part)}" for name, part in (*parts, ("predictions", found.guesses))
        )
        click.echo(f"Taken in: {said}. Of each exercise the better score is kept.\n")
        if zipfile.is_zipfile(given):
            for sentence in takeaway.unpack(Path(given), where.parent):
                click.echo(sentence)
    if code:
        click.echo(transfer.to_code(store.read()))
    if target:
        transfer.export(store.read(), target)
        click.echo(
            f"Your progress is in {target}. Elsewhere: course progress --import {target.name}"
        )
    if report:
        now = overview(folder)
        report.write_text(now.page() if report.suffix == ".html" else now.markdown(), "utf-8")
        click.echo(f"The report is in {report}.")
    if not (code or target or report):
        click.echo(f"Your progress in {where.parent}\n\n{overview(folder)}")
