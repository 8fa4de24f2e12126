"""Qt threads and the notice board of signals."""
