"""The capstone: one model from a client's brief to a report that can be checked, then a plan."""
