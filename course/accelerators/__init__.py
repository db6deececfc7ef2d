"""Accelerators: why parallel arithmetic wins, what memory allows, and how a chip rounds."""
