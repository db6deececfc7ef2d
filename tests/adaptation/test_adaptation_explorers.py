"""The four explorers: every word and number is what the simulators say."""

import pytest

from course.adaptation import explorers
from course.adaptation.explorers import budgets, federating, ranking, transferring
from course.widgets.parameters import controls_of

OPENERS = {name: getattr(explorers, name) for name in explorers.__all__}


@pytest.mark.parametrize("name", OPENERS)
def test_it_has_three_controls_at_most_and_refuses_nonsense(name):
    widget = OPENERS[name]()
    shown = [c for c in controls_of(type(widget.parameters)).values() if not c.hidden]
    assert 1 <= len(shown) <= 3
    assert widget.sentence.endswith(".") and "nan" not in widget.sentence
    with pytest.raises((ValueError, TypeError)):
        OPENERS[name](nonsense=1)


@pytest.mark.parametrize("name", ["budget", "lora_rank", "transfer"])
def test_both_themes_draw(name):
    widget = OPENERS[name]()
    for theme in ("dark", "light"):
        widget.handle({"kind": "look", "theme": theme, "scale": 1})
        assert widget.error == "" and widget.picture[:4] == b"\x89PNG"


def test_the_rank_says_the_published_count_and_shows_it_for_its_own_model_only():
    found = ranking.simulate(ranking.RankParameters(rank=8))
    assert "37.7 M" in ranking.describe(found) and "GPT-3 175B" in ranking.describe(found)
    assert [row.rank for row in found.published] == [1, 8, 4]
    assert any("published" in str(row[0]) for row in ranking.table(found).rows)
    other = ranking.simulate(ranking.RankParameters(model="Llama-3-8B", matrices=("k",), rank=64))
    assert other.published == [] and other.here.rank == 48
    assert "LoRA of rank 64 on key of Llama-3-8B" in ranking.describe(other)
    assert other.memories["LoRA, 4-bit"].total < other.memories["LoRA"].total


@pytest.mark.parametrize(
    ("value", "text"), [(4_718_592, "4.72 M"), (950, "950"), (1.5e9, "1.5 G"), (18_000, "18 k")]
)
def test_counts_are_short(value, text):
    assert ranking.short(value) == text


def test_transfer_tells_both_ends():
    found = transferring.simulate(transferring.TransferParameters(frozen=2, steps=50))
    sentence = transferring.describe(found)
    assert "2 of 3 layers frozen" in sentence and f"{found.gain[0]:+.1f} points" in sentence
    assert len(transferring.table(found).rows) == 4


def test_the_federation_runs_says_who_is_missing_and_ends():
    widget = explorers.federated(clients=2, kinds=1)
    assert "Nobody holds 8 of the ten digits" in widget.sentence
    assert "Not trained yet" in widget.sentence
    widget.run(3)
    assert widget.training.federation.rounds == 3 and "After 3 rounds" in widget.sentence
    widget.run_to_end()
    assert widget.training.federation.rounds == federating.ROUNDS


def test_noise_is_set_by_the_opener_and_said():
    widget = explorers.federated(noise=2.0)
    assert "noise of 2 times" in widget.sentence
    assert "noise" not in [control["name"] for control in widget.controls]


def test_the_budget_says_what_fits_what_is_cheapest_and_where_they_cross():
    found = budgets.simulate(budgets.BudgetParameters())
    sentence = budgets.describe(found)
    assert "pays for 1 of 6 roads" in sentence and "3.89 M requests" in sentence
    rows = {row[0]: row for row in budgets.table(found).rows}
    assert rows["prompt an API (gpt-4o-mini)"][3] == "yes"
    assert all("20" in row[5] for row in rows.values())  # every price has its date
    poor = budgets.simulate(budgets.BudgetParameters(budget=1.0, requests=1e8))
    assert "pays for 0 of 6 roads." in budgets.describe(poor)
