"""Figures to publish: recordings and pools as matplotlib figures, and the data behind them."""

from cloudscope.figures.data import figure_data, write_figure_data
from cloudscope.figures.pool_figure import pool_figure
from cloudscope.figures.recording_figure import figure_of
from cloudscope.figures.saving import save_figure

__all__ = ["figure_data", "figure_of", "pool_figure", "save_figure", "write_figure_data"]
