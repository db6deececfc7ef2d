"""Grade a folder of submissions: several at a time, resumed after an interruption."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tqdm.auto import tqdm

from course.classroom.grading import overview, records
from course.classroom.grading.processes import Worker, end
from course.classroom.grading.records import Records, Result
from course.classroom.grading.run import GraderFailed, Limits, grade_one
from course.classroom.grading.submissions import Submission, find
from course.classroom.syllabus import Lesson
from course.classroom.syllabus import lessons as all_lessons


@dataclass(frozen=True)
class Graded:
    """What a run of `grade` gave, and where it lies."""

    results: tuple[Result, ...]
    repeated: tuple[Result, ...]
    resumed: int
    out: Path

    def __str__(self) -> str:
        learners = len({result.learner for result in self.results})
        lines = [f"Graded {len(self.results)} submissions of {learners} learners."]
        if self.resumed:
            lines.append(f"{self.resumed} of them were graded before and are unchanged.")
        odd = [result for result in self.results if result.status != records.GRADED]
        lines += [f"  {r.learner}, {r.lesson or r.file}: {r.status}; {r.note}" for r in odd[:10]]
        if len(odd) > 10:
            lines.append(f"  … and {len(odd) - 10} more that need a look; overview.html has them.")
        ran = [result for result in self.results if result.seconds]
        if any(not result.network_cut for result in ran):
            lines.append("The network was not cut off from the submissions.")
        if any(not result.memory_limited for result in ran):
            lines.append("This system sets no memory limit.")
        lines.append(f"Scores: {self.out / 'scores.csv'}")
        lines.append(f"Overview: {self.out / 'overview.html'}")
        return "\n".join(lines)


class Interrupted(KeyboardInterrupt):
    """The run was interrupted; the message says how much is kept."""


def grade(
    folder: Path,
    out: Path | None = None,
    limits: Limits | None = None,
    workers: int | None = None,
    lessons: list[Lesson] | None = None,
    again: bool = False,
) -> Graded:
    """Grade every submission under `folder` and write `scores.csv` and `overview.html` to `out`.

    `out` is by default `FOLDER-grades` beside `folder`. Results that are kept there are taken over
    while nothing they depend on has changed, unless `again`. `workers` submissions run at a time,
    by default one a core. Raises FileNotFoundError without submissions, Interrupted on Ctrl-C.
    """
    folder = folder.expanduser().resolve()
    out = (out or folder.with_name(f"{folder.name}-grades")).expanduser().resolve()
    if folder == out or folder in out.parents:
        raise ValueError(f"{out} lies inside {folder}; write the grades to another folder (--out).")
    limits = limits or Limits()
    found = find(folder, all_lessons() if lessons is None else lessons)
    kept = Records(out / "results", asdict(limits))
    results: dict[int, Result] = {}
    keys = {number: _key(kept, submission) for number, submission in enumerate(found)}
    if not again:
        for number, submission in enumerate(found):
            before = kept.read(keys[number])
            if before:
                results[number] = _of(before, submission, folder)
    resumed = len(results)
    todo = [number for number in range(len(found)) if number not in results]
    with tempfile.TemporaryDirectory() as cache:
        team = _Team(limits, Path(cache), workers or os.cpu_count() or 1)
        bar = tqdm(total=len(found), initial=resumed, desc="Grading", unit="submission")
        try:
            for number, result in team.run({n: found[n] for n in todo}):
                kept.write(keys[number], result)
                results[number] = _of(result, found[number], folder)
                bar.update()
        except KeyboardInterrupt:
            done = f"{len(results)} of {len(found)} submissions are graded and kept in {out}."
            raise Interrupted(f"{done} Run the same command again to go on.") from None
        finally:
            bar.close()
    best, repeated = _best([results[number] for number in range(len(found))])
    records.write_csv(out / "scores.csv", best)
    overview.write(out / "overview.html", best, repeated)
    return Graded(tuple(best), tuple(repeated), resumed, out)


class _Team:
    """Threads that each wait for one submission's process at a time."""

    def __init__(self, limits: Limits, cache: Path, workers: int) -> None:
        self._limits, self._cache, self._workers = limits, cache, workers
        self._running: set[Worker] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def run(self, todo: dict[int, Submission]) -> Iterator[tuple[int, Result]]:
        """Yield (number, result) as submissions finish; on an exception end all that run."""
        with ThreadPoolExecutor(self._workers) as pool:
            futures: dict[Future[Result], int] = {
                pool.submit(self._one, submission): number for number, submission in todo.items()
            }
            try:
                for future in as_completed(futures):
                    yield futures[future], future.result()
            except BaseException:
                self._stop()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _one(self, submission: Submission) -> Result:
        processes: list[Worker] = []

        def started(process: Worker) -> None:
            processes.append(process)
            with self._lock:
                self._running.add(process)
                stopped = self._stopped
            if stopped:
                end(process)

        try:
            return grade_one(submission, self._limits, self._cache, started)
        except GraderFailed:
            raise
        except Exception as error:  # whatever a submission holds, it costs no other one
            lesson = submission.lesson.name if submission.lesson else ""
            note = f"the grader itself failed ({type(error).__name__}: {error}); please report it"
            file = str(submission.path)
            return Result(submission.learner, lesson, file, records.CRASHED, note=note)
        finally:
            with self._lock:
                self._running.difference_update(processes)

    def _stop(self) -> None:
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            end(process)


def _key(kept: Records, submission: Submission) -> str:
    try:
        content = submission.path.read_bytes()
    except OSError:
        content = str(submission.path).encode()
    official = submission.lesson.path.read_bytes() if submission.lesson else b""
    return kept.key(content, official)


def _of(result: Result, submission: Submission, folder: Path) -> Result:
    """The result as this submission's: equal notebooks of two learners share a file."""
    file = submission.path.relative_to(folder).as_posix()
    return replace(result, learner=submission.learner, file=file)


def _best(results: list[Result]) -> tuple[list[Result], list[Result]]:
    """The result with most points of each learner and lesson, and the others."""
    best: dict[tuple[str, str], Result] = {}
    others = []
    for result in results:
        key = (result.learner, result.lesson or result.file)
        if key in best:
            less, more = sorted((best[key], result), key=lambda r: r.points)
            best[key] = more
            others.append(less)
        else:
            best[key] = result
    return list(best.values()), others
