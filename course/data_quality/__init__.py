"""Data: what a score is worth, and what the rows, labels and copies of a data set do to it."""
