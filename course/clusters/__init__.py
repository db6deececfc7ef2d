"""Clusters: one training run over many chips: what travels, who waits, and what breaks."""
