"""The last lesson: one model inside a budget, its dashboard, its report and the action plan."""
