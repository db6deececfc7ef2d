"""The five explorers of lesson 08: what they say is what was calculated."""

from __future__ import annotations

import dataclasses
import json

import pytest

from course.scale import explorers, little_runs
from course.scale.explorers import calculator, little_laws, memory, run, splits
from course.scale.fields import ConfigError
from course.scale.past_runs import past_runs
from course.scale.published import model, models
from course.widgets.scene import Area, Text


def texts(scene) -> str:
    return " | ".join(m.text for p in scene.panels for m in p.marks if isinstance(m, Text))


@pytest.mark.parametrize("name", models())
def test_every_published_model_is_drawn_to_scale(name: str) -> None:
    taken = calculator.simulate(calculator.CalculatorParameters(model=name))
    scene = calculator.scene(taken)
    tops = [max(y for _, y in m.points) for m in scene.panels[0].marks if isinstance(m, Area)]
    assert max(tops) == pytest.approx(1.0)
    rows = calculator.table(taken).rows
    assert rows[-1][3] == f"{taken.count:,}"
    assert sum(int(row[3].replace(",", "")) for row in rows[:-1]) == taken.count
    said = calculator.describe(taken)
    row_is_published = taken.published is not None
    assert ("to the unit" in said) == row_is_published


def test_the_calculator_speaks_of_experts_latents_and_long_texts() -> None:
    deepseek = calculator.simulate(calculator.CalculatorParameters(model="DeepSeek-V3"))
    said = calculator.describe(deepseek)
    assert "a token meets 37.6 billion" in said and "without its latent" in said
    assert "met" in texts(calculator.scene(deepseek))
    long = calculator.CalculatorParameters(model="GPT-2 small", context=8192)
    assert "made for 1,024 tokens at most" in calculator.describe(calculator.simulate(long))


def test_an_own_config_is_the_first_model() -> None:
    given = {
        "model_type": "qwen3", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 16, "intermediate_size": 128, "vocab_size": 500,
    }  # fmt: skip
    widget = explorers.scale_calculator(json.dumps(given))
    assert widget.parameters.model == "yours" and widget.sentence.startswith("qwen3 has")
    widget.handle({"kind": "set", "changes": {"model": {"value": "Llama-3-8B"}}})
    assert widget.sentence.startswith("Llama-3-8B has 8,030,261,248") and not widget.error
    assert explorers.scale_calculator(model("GPT-2 XL"), context=1024).parameters.context == 1024
    with pytest.raises(ConfigError, match="no file"):
        explorers.scale_calculator("nothing.json")
    with pytest.raises(ValueError, match="yours"):
        explorers.scale_calculator(model="yours")


def test_the_ledger_names_the_first_stage_that_fits() -> None:
    default = memory.simulate(memory.LedgerParameters())
    assert "from ZeRO-1 on it fits 80 GB" in memory.describe(default)
    large = memory.simulate(memory.LedgerParameters(model="Llama-3.1-405B", data=1))
    assert "nothing fits 80 GB" in memory.describe(large)
    tiny = memory.simulate(memory.LedgerParameters(model="GPT-2 XL", tensor="8"))
    assert tiny.plan.tensor == 5  # 25 heads
    totals = [ledger.total for ledger in default.ledgers]
    assert totals == sorted(totals, reverse=True)
    assert "nothing to select" in texts(memory.scene(default))
    assert [row[0] for row in memory.table(default).rows] == ["none", "ZeRO-1", "ZeRO-2", "ZeRO-3"]


def test_the_run_is_between_its_ranges() -> None:
    found = run.simulate(run.RunParameters())
    assert found.run.mfu.low == pytest.approx(0.3) and found.run.mfu.high == pytest.approx(0.5)
    rows = run.table(found).rows
    assert len(rows) == 1 + len(past_runs())
    assert all(len(row[4]) > 10 for row in rows)
    slow = run.simulate(run.RunParameters(parameters=2000, tokens=50_000, chips=1, mfu=5))
    assert slow.run.days.middle > 1e7 and "1 chip (" in run.describe(slow)
    run.scene(slow)


def test_own_law_says_whether_the_unseen_run_is_inside() -> None:
    five = little_laws.simulate(little_laws.LawParameters())
    said = little_laws.describe(five)
    assert "Fitted to 20 runs" in said and ("inside the band" in said or "outside the band" in said)
    assert [row[1] for row in little_laws.table(five).rows] == ["yes"] * 5 + ["no"]
    six = little_laws.simulate(little_laws.LawParameters(sizes=6))
    assert "Fitted to all 24 runs" in little_laws.describe(six)
    three = little_laws.simulate(
        little_laws.LawParameters(sizes=3, tokens=str(little_runs.TOKENS[0]))
    )
    low, high = three.fitted.interval("E")
    assert high > low >= 0


def test_the_frontier_in_numbers() -> None:
    found = splits.simulate(splits.FrontierParameters())
    rows = splits.table(found).rows
    assert len(rows) == 4 + 4
    assert "18.3 a parameter" in splits.describe(found)
    printed = splits.simulate(splits.FrontierParameters(fit="chinchilla-published"))
    assert "92.7 a parameter" in splits.describe(printed)
    assert printed.law.parameter_exponent == pytest.approx(float(rows[2][1]))
    for served in (0.01, 100_000.0):
        for budget in (1e19, 1e27):
            p = dataclasses.replace(splits.FrontierParameters(), served=served, budget=budget)
            splits.scene(splits.simulate(p))
