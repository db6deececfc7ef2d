"""Model cards, datasheets and what the Hub reads of them: nothing unfinished gets out."""

import pytest

from course import datasets
from course.trust import hub
from course.trust.cards import Datasheet, Metric, ModelCard, build_card, datasheet_of
from course.trust.papers import UnfinishedPaper

ACCURACY = Metric("accuracy", 0.91, "digits, held out", count=359, low=0.88, high=0.94)
FULL = {
    "description": "Reads a digit.",
    "intended_use": ["Sorting forms", "Teaching"],
    "not_for": "Cheques.",
    "training_data": "1,438 digits.",
    "evaluation": "359 digits held out at random.",
    "limitations": ["New writers | never tried", "# not a heading", "<script>alert(1)</script>"],
    "people_affected": "People whose forms are misread.",
    "risks": "A misread digit; a person checks doubtful ones.",
    "contact": "The post room's head",
    "metrics": (ACCURACY, Metric("accuracy", 0.8, "digits, held out", "eights", 34, 0.65, 0.9)),
    "licence": "MIT",
    "task": "image-classification",
    "tags": ("digits", 'a "quoted": tag'),
    "datasets": ("digits",),
    "library": "course.scratch",
}


def card(**changes):
    return build_card("Digit reader", **{**FULL, **changes})


def test_a_finished_card_has_no_problems():
    assert card().problems() == () and card().finished


@pytest.mark.parametrize(
    "empty", ["", "  ", [], ["", " "], "none", "N/A", "TBD.", "...", "No.", None]
)
def test_empty_limitations_are_refused_and_named(empty):
    unfinished = card(limitations=empty)
    assert [p.field for p in unfinished.problems()] == ["limitations"]
    for publish in (unfinished.markdown, unfinished.html, lambda: hub.readme(unfinished)):
        with pytest.raises(UnfinishedPaper, match=r"limitations: .*nobody looked"):
            publish()


@pytest.mark.parametrize("field", [f for f, s in ModelCard.sections().items() if s.required])
def test_each_required_section_is_asked_for(field):
    (problem,) = card(**{field: ""}).problems()
    assert problem.field == field and problem.wanted


def test_a_section_that_may_be_missing_may_not_say_nothing():
    assert card(privacy="").finished and not card(privacy="tbd").finished


def test_metrics_licence_and_date():
    assert [p.field for p in card(metrics=()).problems()] == ["metrics"]
    assert [p.field for p in card(licence=" ").problems()] == ["licence"]
    assert [p.field for p in card(date="yesterday").problems()] == ["date"]
    alone = Metric("accuracy", 0.8, "digits", "eights", 34)
    assert "eights" not in str(card(metrics=(alone,)).problems()[0].field)
    assert "interval" in card(metrics=(alone,)).problems()[0].wanted


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"value": float("nan")}, "finite"),
        ({"value": "0.9"}, "finite"),
        ({"count": 0}, "at least 1"),
        ({"low": 0.95, "high": 0.99}, "outside its own interval"),
        ({"high": None}, "half an interval"),
    ],
)
def test_a_metric_that_cannot_be_is_refused(changes, said):
    good = {"value": 0.91, "low": 0.88, "high": 0.94, "count": 10}
    with pytest.raises(ValueError, match=said):
        Metric("accuracy", data="digits", **{**good, **changes})


def test_an_unknown_field_is_named_with_those_that_there_are():
    with pytest.raises(TypeError, match=r"'limits'.*limitations"):
        build_card("x", limits="none")


def test_a_draft_says_that_it_is_one():
    draft = build_card("Draft").markdown(draft=True)
    assert "DRAFT, not to be published" in draft and "limitations" in draft
    assert "DRAFT" not in card().markdown()


def test_markdown_and_html_carry_every_section_and_no_tag_of_the_author():
    markdown, html = card().markdown(), card().html()
    for spec in ModelCard.sections().values():
        assert (spec.heading in markdown) == spec.required
    assert "<script" not in markdown and "<script" not in html
    assert "\\# not a heading" in markdown
    assert "0.8 (0.65 to 0.9)" in markdown and "eights" in html
    assert html.count("<h2>") == markdown.count("\n## ")


def test_the_hub_reads_the_front_matter():
    huggingface_hub = pytest.importorskip("huggingface_hub")
    read = huggingface_hub.ModelCard(hub.readme(card()))
    data = read.data
    assert data.license == "mit" and data.pipeline_tag == "image-classification"
    assert data.tags == ["digits", 'a "quoted": tag']
    results = data.eval_results
    assert [r.metric_value for r in results] == [0.91, 0.8]
    assert results[1].dataset_name == "digits, held out (eights)"
    assert results[0].task_type == "image-classification"
    assert read.text.lstrip().startswith("# Model card: Digit reader")


def test_the_yaml_is_what_a_yaml_reader_reads_back():
    yaml = pytest.importorskip("yaml")
    awkward = card(licence="House rules: ask", tags=("yes", "1.0", "ümlaut", "a\nb", "- x"))
    assert yaml.safe_load(hub.yaml(hub.metadata(awkward))) == hub.metadata(awkward)
    assert hub.metadata(awkward)["license"] == "other"


def test_a_datasheet_is_refused_in_the_same_way():
    sheet = Datasheet(name="Digits", motivation="Teaching.")
    with pytest.raises(UnfinishedPaper, match="limitations: it is empty"):
        sheet.check()
    fields = {key: "Said." for key in Datasheet.sections()}
    assert Datasheet(name="Digits", **fields).markdown().startswith("# Datasheet: Digits")


def test_a_known_data_set_has_a_draft_that_asks_for_the_rest():
    draft = datasheet_of("digits")
    assert len(draft.limitations) == 3
    asked = {problem.field for problem in draft.problems()}
    assert asked == {"motivation", "preprocessing", "uses", "not_for", "maintenance"}
    with pytest.raises(datasets.DatasetError, match="digits"):
        datasheet_of("faces")
