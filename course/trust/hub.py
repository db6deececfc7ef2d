"""A model card as the Hugging Face Hub reads it: YAML front matter, then the card as Markdown.

The metadata format: https://huggingface.co/docs/hub/model-cards. The few lines of YAML needed are
written here (every text in double quotes, as JSON writes it, which YAML reads), so nothing is
installed for it; a test holds them to `huggingface_hub`.
"""

from __future__ import annotations

import json
import re
from typing import Any

from course.trust.cards import Metric, ModelCard

# Identifiers that the Hub lists; any other licence is written as "other" with its name.
_LICENCES = frozenset(
    [
        "apache-2.0",
        "mit",
        "bsd-2-clause",
        "bsd-3-clause",
        "cc0-1.0",
        "cc-by-4.0",
        "cc-by-sa-4.0",
        "cc-by-sa-3.0",
        "cc-by-nc-4.0",
        "gpl-3.0",
        "lgpl-3.0",
        "mpl-2.0",
        "openrail",
        "unlicense",
    ]
)


def metadata(card: ModelCard) -> dict[str, Any]:
    """The card's metadata, ``model-index`` with its results included, as plain data."""
    data: dict[str, Any] = {"language": card.language}
    licence = card.licence.strip().lower().replace(" ", "-")
    if licence in _LICENCES:
        data["license"] = licence
    elif card.licence.strip():
        data |= {"license": "other", "license_name": slug(card.licence)}
    optional = {
        "library_name": card.library,
        "pipeline_tag": card.task,
        "tags": list(card.tags),
        "datasets": list(card.datasets),
        "metrics": list(dict.fromkeys(slug(m.name) for m in card.metrics)),
    }
    data |= {key: value for key, value in optional.items() if value}
    if card.metrics:
        results = [_result(card, m) for m in card.metrics]
        data["model-index"] = [{"name": card.name, "results": results}]
    return data


def _result(card: ModelCard, metric: Metric) -> dict[str, Any]:
    group = "" if metric.group == "all" else f" ({metric.group})"
    return {
        "task": {"type": card.task or "other"},
        "dataset": {"name": f"{metric.data}{group}", "type": slug(f"{metric.data}{group}")},
        "metrics": [
            {
                "type": slug(metric.name),
                "name": f"{metric.name}{group}",
                "value": float(metric.value),
            }
        ],
    }


def readme(card: ModelCard) -> str:
    """The text of the README.md that the Hub shows; raises UnfinishedPaper for a draft."""
    return f"---\n{yaml(metadata(card))}---\n\n{card.markdown()}"


def slug(text: str) -> str:
    """Text as an identifier: small letters, digits and hyphens; ``other`` where none is left."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "other"


def yaml(data: Any, indent: int = 0) -> str:
    """Plain data (dict, list, text, number) as YAML in block form, ending in a line end."""
    pad = "  " * indent
    lines = []
    if isinstance(data, dict):
        for key, value in data.items():
            nested = isinstance(value, dict | list) and value
            lines.append(
                f"{pad}{key}:\n{yaml(value, indent + 1)}"
                if nested
                else f"{pad}{key}: {_leaf(value)}\n"
            )
        return "".join(lines)
    for value in data:
        if isinstance(value, dict) and value:
            inner = yaml(value, indent + 1)
            lines.append(f"{pad}- {inner[len(pad) + 2 :]}")
        else:
            lines.append(f"{pad}- {_leaf(value)}\n")
    return "".join(lines)


def _leaf(value: Any) -> str:
    # JSON is YAML: quotes, escapes and numbers mean the same in both.
    return json.dumps(value, ensure_ascii=False)
