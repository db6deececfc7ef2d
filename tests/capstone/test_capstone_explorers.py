"""The dashboard and the questionnaire, as the reader has them."""

import pytest

from course.capstone import BriefError, explorers
from course.capstone.explorers.questionnaire import PlanParameters, describe, simulate, table


@pytest.mark.parametrize(
    ("brief", "settings"),
    [
        ("loans", {"features": "finances", "width": 0, "threshold": 0.85}),
        ("digits", {"width": 32, "epochs": 30, "bits": 8, "threshold": 0.7}),
        ("heart", {"features": "middle", "width": 8, "epochs": 8, "bits": 8, "threshold": 0.8}),
    ],
)
def test_a_brief_is_trained_to_its_end(brief, settings):
    widget = explorers.dashboard(brief, **settings)
    assert "0 of" in widget.sentence
    widget.run_to_end()
    assert widget.error == "" and widget.done
    epochs = settings.get("epochs", 20)
    assert widget.sentence.startswith(f"After {epochs} of {epochs} epochs: on the tuning rows")
    where = widget.training.where
    assert len(where.lines) == 5 and where["energy"].figure.value > 0
    assert [row[0] for row in widget.table["rows"]] == [ln.criterion.name for ln in where.lines]


def test_threshold_and_bits_act_on_the_trained_model_and_width_starts_afresh():
    widget = explorers.dashboard("loans", features="finances", width=0, epochs=5)
    widget.run_to_end()
    losses, size = list(widget.training.training.losses), widget.training.where["size"].figure.value
    widget.handle(
        {"kind": "set", "changes": {"bits": {"value": "4"}, "threshold": {"text": "0.9"}}}
    )
    assert widget.training.training.losses == losses
    assert widget.training.where["size"].figure.value != size
    widget.handle({"kind": "set", "changes": {"width": {"text": "4"}}})
    assert widget.training.training.losses == []


def test_what_the_dashboard_refuses():
    with pytest.raises(BriefError, match="no brief"):
        explorers.dashboard("cars")
    with pytest.raises(ValueError, match="width must be a whole number"):
        explorers.dashboard(width=-3)
    with pytest.raises(ValueError, match="features is one of all, middle, sparse"):
        explorers.dashboard("digits", features="finances")
    with pytest.raises(TypeError):
        explorers.dashboard(nonsense=1)


def test_the_questionnaire_says_what_comes_first_and_lists_all():
    made = simulate(PlanParameters("firm", "data", 6, "no"))
    assert len(table(made).rows) == len(made.steps)
    assert f"First, by {made.steps[0].by.isoformat()}" in describe(made)
    widget = explorers.questionnaire(who="team", hours=8)
    assert widget.share() == "questionnaire(who='team', hours=8)"
