"""Widgets: views on the models, one module each, for notebooks and the dashboard."""
