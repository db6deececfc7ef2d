"""Imported last by the process from which submissions are forked: load what PyTorch loads late.

PyTorch's optimizers import its compiler at their first step, which takes two seconds; loaded here,
it takes them once and not for every submission.
"""

import contextlib
import importlib
import sys

if "torch" in sys.modules:
    with contextlib.suppress(Exception):  # another PyTorch may keep it elsewhere; then it is slower
        importlib.import_module("torch._dynamo")
