"""How much of a result is luck: deflated Sharpe, overfitting by cross-validation, resampled histories, a verdict."""
