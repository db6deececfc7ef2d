"""Every published result of lesson 12, made again; each test prints the distance row by row."""

from __future__ import annotations

import pytest

from course.facts import audits
from course.facts.compas import compas, compas_counts, identity_rows
from course.fairness import loans
from course.fairness.impossibility import class_means, forced
from course.fairness.intervals import newcombe, ratio, wilson
from course.fairness.metrics import Counts


def test_approvals_on_the_boston_mortgages():
    counted = loans.approvals()
    for row in audits.loan_results():
        if row.figure == "approved":
            mine = 100 * counted[row.who].estimate
            print(
                f"{row.who:9} published {row.value:5} % counted {mine:.2f} distance {mine - row.value:+.3f}"
            )
            assert round(mine, 1) == row.value
            assert counted[row.who].low < row.value / 100 < counted[row.who].high


@pytest.mark.parametrize("controls, people", [((), 1989), (loans.CONTROLS, 1971)])
def test_the_coefficient_of_being_white(controls, people):
    published = [r for r in audits.loan_results() if r.figure == "white coefficient"]
    row = published[1 if controls else 0]
    mine = loans.white_coefficient(controls)
    print(
        f"{row.who}: published {row.value}, computed {mine.value:.5f}, distance {mine.value - row.value:+.5f}"
    )
    assert round(mine.value, 3) == row.value
    assert mine.people == people and mine.error == pytest.approx(0.0198, abs=2e-4)


@pytest.mark.parametrize("row", audits.audits(), ids=lambda r: f"{r.study}, {r.slice}")
def test_audits_are_their_counts(row):
    if row.events_a and row.events_b:
        a, b = 100 * row.events_a / row.n_a, 100 * row.events_b / row.n_b
        print(
            f"{row.slice}: {a:.3f} / {row.rate_a_pct}, {b:.3f} / {row.rate_b_pct}, ratio {a / b:.3f}"
        )
        assert (round(a, 2), round(b, 2)) == (row.rate_a_pct, row.rate_b_pct)
        assert a / b == pytest.approx(row.ratio, abs=0.002)
    elif row.rate_a_pct and row.rate_b_pct and row.ratio:
        # 17 against 11 % is printed as 1.6 to 1 in the paper, from figures before rounding.
        print(f"{row.slice}: {row.rate_a_pct / row.rate_b_pct:.3f} printed {row.ratio}")
        assert row.rate_a_pct / row.rate_b_pct == pytest.approx(row.ratio, rel=0.04)


def test_the_callbacks_differ_by_more_than_chance():
    row = audits.audit("resume audit", "all")
    gap = newcombe(row.events_a, row.n_a, row.events_b, row.n_b)
    times = ratio(row.events_a, row.n_a, row.events_b, row.n_b)
    print(f"gap {gap}, ratio {times.estimate:.3f} ({times.low:.2f} to {times.high:.2f})")
    assert (row.rate_a_pct, row.rate_b_pct) == (9.65, 6.45)
    assert gap.low > 0.015 and times.low > 1.2


@pytest.mark.parametrize(
    "row", compas_counts(), ids=lambda r: f"{r.score}, {r.threshold}, {r.group}"
)
def test_compas_rates_are_their_counts(row):
    c = Counts(row.tn, row.fp, row.fn, row.tp)
    fpr, fnr = 100 * c.false_positive_rate, 100 * c.false_negative_rate
    print(
        f"FPR {fpr:.3f} published {row.published_fpr_pct}, FNR {fnr:.3f} published {row.published_fnr_pct}"
    )
    assert c.n == row.n
    assert (round(fpr, 2), round(fnr, 2)) == (row.published_fpr_pct, row.published_fnr_pct)


def test_the_four_figures_everybody_quotes():
    black, white = compas("Black"), compas("White")
    assert (black.published_fpr_pct, white.published_fpr_pct) == (44.85, 23.45)
    assert (black.published_fnr_pct, white.published_fnr_pct) == (27.99, 47.72)


@pytest.mark.parametrize(
    "row", compas_counts(), ids=lambda r: f"{r.score}, {r.threshold}, {r.group}"
)
def test_both_identities_are_exact_on_the_published_counts(row):
    c = Counts(row.tn, row.fp, row.fn, row.tp)
    known = {"fpr": c.false_positive_rate, "fnr": c.false_negative_rate, "ppv": c.precision}
    for given_up, (first, second) in {
        "fpr": ("ppv", "fnr"), "fnr": ("fpr", "ppv"), "ppv": ("fpr", "fnr")
    }.items():  # fmt: skip
        found = forced(given_up, c.base_rate, known[first], known[second])
        print(
            f"{given_up}: counts {known[given_up]:.6f} identity {found:.6f} {found - known[given_up]:+.1e}"
        )
        assert abs(found - known[given_up]) < 1e-12
    means = class_means([(c.tp + c.fp, c.tp), (c.tn + c.fn, c.fn)])
    print(f"Kleinberg's residual {means.residual:+.1e}")
    assert abs(means.residual) < 1e-12


@pytest.mark.parametrize(
    "row", [r for r in identity_rows() if r.verified], ids=lambda r: f"{r.score} {r.group}"
)
def test_the_identity_is_the_table_s(row):
    mine = forced("fpr", row.base_rate, row.ppv, row.fnr)
    print(f"{row.group}: {mine:.6f} table {row.fpr_from_identity}")
    assert mine == pytest.approx(row.fpr_from_identity, abs=2e-6)
    assert row.fpr_from_counts == pytest.approx(row.fpr_from_identity, abs=1e-6)


def test_the_health_figures_stand_as_published():
    case = audits.audit("Obermeyer 2019", "auto-enrol threshold (97th pct)")
    assert (case.rate_b_pct, case.rate_a_pct) == (17.7, 46.5)
    assert case.rate_a_pct / case.rate_b_pct == pytest.approx(case.ratio, abs=0.001)


def test_gender_shades_stands_as_published_and_not_as_miscopied():
    by = {(r.date, r.vendor): r for r in audits.gender_shades()}
    assert by["2018", "Microsoft"].darker_female_pct == 20.8  # 21.3 is a wrong copy
    assert by["2018", "IBM"].darker_female_pct == 34.7
    for row in by.values():
        worst = max(row.darker_male_pct, row.lighter_female_pct, row.lighter_male_pct)
        assert row.darker_female_pct > worst  # in all six audits


def test_incomes_are_their_counts():
    whole = {r.group: r for r in audits.adult_base_rates() if r.split == "train+test"}
    for r in audits.adult_base_rates():
        assert round(100 * r.over_50k / r.n, 2) == pytest.approx(r.rate_pct, abs=0.011)
    assert whole["Male"].n + whole["Female"].n == whole["all"].n == 48842


def test_every_row_says_where_and_when_it_is_from():
    every = [
        *audits.audits(), *audits.gender_shades(), *audits.adult_base_rates(),
        *audits.loan_results(), *compas_counts(), *identity_rows(),
    ]  # fmt: skip
    assert len(every) == 12 + 6 + 14 + 5 + 8 + 10
    assert all(len(r.source) > 8 and r.date.isdigit() and r.evidence for r in every)
    for ask in (lambda: compas("Martian"), lambda: audits.audit("resume audit", "Paris")):
        with pytest.raises(ValueError, match=r"no counts|no audit"):
            ask()
    assert wilson(1, 2).low > 0
