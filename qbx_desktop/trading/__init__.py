"""Live use cases without Qt and threads; time is an argument."""
