"""The words and the money: what every other package talks about, in the standard library and numpy only."""
