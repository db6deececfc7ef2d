"""Published figures: nothing without its source, and a table that does not fit is refused by line."""

from dataclasses import dataclass

import pytest

from course.facts import corpora, reading, training_runs
from course.facts.tables import Sourced, rows

TABLES = [*training_runs.training_runs(), *corpora.corpora(), *reading.reading_facts()]
HEAD = "name,value,source,date,verified,evidence,note\n"


@dataclass(frozen=True, kw_only=True)
class Toy(Sourced):
    name: str
    value: float


@pytest.mark.parametrize("row", TABLES, ids=lambda row: getattr(row, "model", "") or row.name)
def test_every_figure_says_where_and_when_it_is_from(row):
    assert len(row.source) > 8 and row.evidence
    assert row.date.removeprefix("read ")[:4].isdigit()
    assert row.cite.startswith(row.source)


def test_the_figures_that_the_lesson_names():
    assert corpora.corpus("FineWeb").value == 15e12
    assert training_runs.training_run("Llama-3.1-405B").billion_tokens == 15600
    speed = reading.reading_fact("silent reading")
    assert (speed.value, speed.low, speed.high, speed.unit) == (238, 175, 300, "words a minute")


def test_an_empty_cell_is_none_and_a_doubtful_row_says_so(tmp_path):
    assert training_runs.training_run("LLaMA-7B").days is None
    (tmp_path / "toy.csv").write_text(HEAD + "a,1.5,somewhere,2020,no,derived,\n", encoding="utf-8")
    (row,) = rows(Toy, "toy", tmp_path)
    assert row.value == 1.5 and not row.verified and row.cite == "somewhere, 2020 (not verified)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "a,1,,2020,yes,page,\n", "toy.csv, line 2: source is empty"),
        (HEAD + "a,1,here,,yes,page,\n", "line 2: date is empty"),
        (HEAD + "a,1,here,2020,perhaps,page,\n", "expected yes or no"),
        (HEAD + "a,lots,here,2020,yes,page,\n", "value is 'lots'; expected a number"),
        (HEAD + "a,,here,2020,yes,page,\n", "value is ''; expected a number"),
        (HEAD + "a,1,here, there,2020,yes,page,\n", "is a comma not quoted"),
        ("name,source\n", "Toy has"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(tmp_path, text, said):
    (tmp_path / "toy.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        rows(Toy, "toy", tmp_path)


@pytest.mark.parametrize("find", [training_runs.training_run, corpora.corpus, reading.reading_fact])
def test_an_unknown_name_lists_the_known(find):
    with pytest.raises(KeyError, match="there are"):
        find("nothing")
