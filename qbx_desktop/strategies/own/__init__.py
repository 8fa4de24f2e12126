"""The trader's own strategies: files read once, run in a process of their own, answered like any other strategy."""
