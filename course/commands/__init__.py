"""The commands of `course`, a file for each kind of reader. Bodies are imported when they run."""
