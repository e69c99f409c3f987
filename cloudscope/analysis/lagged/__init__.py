"""Parts of the coupling of two traces: one grid, correlation over lags, chance, delay, events."""
