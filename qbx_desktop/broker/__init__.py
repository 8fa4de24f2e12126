"""The door to a terminal: child process, client with time-outs, typed facade."""
