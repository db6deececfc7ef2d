"""Published figures: value, unit, date, source. Nothing else in the project types one in."""
