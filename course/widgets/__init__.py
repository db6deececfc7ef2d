"""The kit that explorers, questions and prediction cards are built from."""

from course.widgets.direct import DirectExplorer
from course.widgets.explorer import Explorer
from course.widgets.live import LiveExplorer, LiveRun
from course.widgets.parameters import choice, choices, slider, switch, text
from course.widgets.prediction import Prediction
from course.widgets.question import Question, right, wrong
from course.widgets.tables import Table

__all__ = [
    "DirectExplorer",
    "Explorer",
    "LiveExplorer",
    "LiveRun",
    "Prediction",
    "Question",
    "Table",
    "choice",
    "choices",
    "right",
    "slider",
    "switch",
    "text",
    "wrong",
]
