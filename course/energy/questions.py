"""Lesson 09's predictions and its three questions, with an explanation for every option."""

from __future__ import annotations

from course.energy.footprint import account, bloom_run
from course.energy.grids import grid
from course.energy.serving import serve
from course.widgets import Prediction, Question, choice, right, slider, wrong

SERVED_BILLIONS, SERVED_SHARE = 20.0, 0.10  # of the question: a day's tokens, and the utilisation
SERVED_MODEL = "Llama-3.1-405B"

_CROSSINGS = {
    "week": "Within a week",
    "quarter": "Between a week and three months",
    "years": "Between three months and five years",
    "never": "Later than that, if ever",
}


def bloom_guess() -> Prediction:
    """How much of BLOOM's carbon is the electricity of the chips that compute?"""
    return Prediction(
        "Of all the CO2 that BLOOM's authors account for, how much is the electricity of the chips while they "
        "train?",
        slider(90, 1, 99, label="Chips that compute", unit="%"),
        key="09 bloom",
    )


def bloom_share() -> float:
    """That share in percent, from BLOOM's published account."""
    mine = account(bloom_run())
    return float(100 * mine.parts()["chips that compute"][1] / mine.kg)


def grid_guess() -> Prediction:
    """How far apart are two grids?"""
    return Prediction(
        "The same training, once on Poland's grid and once on Norway's. How many times as much CO2 is it in Poland?",
        slider(3.0, 1.0, 100.0, label="Times as much", log=True),
        key="09 grids",
    )


def grid_ratio() -> float:
    """Poland's published grid over Norway's."""
    return grid("Poland").g_per_kwh / grid("Norway").g_per_kwh


def serving_guess() -> Prediction:
    """When does serving overtake training?"""
    return Prediction(
        f"{SERVED_MODEL} is served {SERVED_BILLIONS:.0f} billion tokens a day, at {100 * SERVED_SHARE:.0f} % of its "
        "chips' peak. When has serving used as much electricity as the training?",
        choice("week", _CROSSINGS, label="Equal"),
        key="09 serving",
    )


def serving_answer() -> str:
    """The option that the calculation gives."""
    count = serve(SERVED_MODEL, SERVED_SHARE, 1e9 * SERVED_BILLIONS).even_days
    if count <= 7:
        return "week"
    if count <= 91:
        return "quarter"
    return "years" if count <= 5 * 365.25 else "never"


def reported() -> Question:
    """What makes a published figure usable?"""
    return Question(
        'A model card says: "Training emitted 30 t of CO2." What do you need most before you compare it with another card?',
        [
            wrong(
                "How many decimal places the figure has",
                "Digits say nothing of what was counted. 30.000 t with PUE and manufacture left out tells you less than 30 t with "
                "both.",
            ),
            right(
                "What was counted: chip-hours, power, PUE, grid, and whether waiting and making hardware are in it",
                "These are the factors; two cards that count differently can lie far apart for the same training, as the accounts "
                "of BLOOM do.",
            ),
            wrong(
                "The accuracy of the model",
                "It matters for whether the training was worth it, not for whether the two figures count the same things.",
            ),
        ],
    )


def better_pue() -> Question:
    """What does a lower PUE buy?"""
    return Question(
        "A site brings its PUE from 1.5 down to 1.2, with the same chips and the same grid. What becomes of the CO2 of the "
        "electricity?",
        [
            wrong(
                "It falls by 30 %",
                "0.3 is the difference of the two PUEs, not a share of the energy: before, 1.5 was used for every 1 of the chips.",
            ),
            wrong(
                "It stays, for the chips use what they used",
                "The chips' share stays, but the grid delivers for the whole site, cooling and losses included.",
            ),
            right(
                "It falls by 20 %",
                "From 1.5 to 1.2 times the chips' energy: 0.3 of 1.5 is a fifth.",
            ),
        ],
    )


def moved_to_noon() -> Question:
    """Does moving a job to a sunny hour save?"""
    return Question(
        "You move a job from evening to noon, where the grid's *average* is half. At both times gas stations run and would be turned "
        "up for one kilowatt-hour more. What have you saved?",
        [
            wrong(
                "Half of the job's CO2, without doubt",
                "That is what an account by averages books to you. But the sun's electricity would have been used anyway, and "
                "your job is met by more gas.",
            ),
            right(
                "By the average account half, by the marginal one nothing",
                "Averages share out what was emitted; the margin asks what your decision changes. Say which you use. Where sun would be "
                "switched off unused, the two agree again.",
            ),
            wrong(
                "Nothing by any account, for electricity has no colour",
                "The average account is a legitimate way to share out emissions, and many reports use it. It answers another question.",
            ),
        ],
    )
