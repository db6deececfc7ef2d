"""On whose computer the course runs, and what becomes of the work there."""

from __future__ import annotations

import os
import sys

BINDER, COLAB, HUB, HERE = "binder", "colab", "hub", "here"
# mybinder.org ends a session without activity after about 10 minutes (its user guide, "How long will
# my Binder session last?", read 2026-11).
BINDER_IDLE_MINUTES = 10

_NOTES = {
    BINDER: (
        "You are on Binder. This computer and all that you wrote on it are deleted when you leave, or "
        f"after about {BINDER_IDLE_MINUTES} minutes without activity: download your work in time."
    ),
    COLAB: (
        "You are on Google Colab. What you write is kept in your copy (File, Save a copy in Drive); what "
        "you have solved is kept on this computer, which Google deletes when you leave."
    ),
}


def where() -> str:
    """The host: "binder", "colab", "hub" (another JupyterHub) or "here"."""
    if "BINDER_LAUNCH_HOST" in os.environ or "BINDER_REPO_URL" in os.environ:
        return BINDER
    if "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in os.environ:
        return COLAB
    return HUB if "JUPYTERHUB_USER" in os.environ else HERE


def leaving_note() -> str:
    """What becomes of the work on this host when the learner leaves; "" where it simply stays."""
    return _NOTES.get(where(), "")
