"""Many parameter sets over the same bars: what is varied, in which order, by which workers, judged by what."""
