"""Analyses: pure functions of an array, its calibration and its detection parameters.

One module a method, each registered once (see `cloudscope.analysis.registry`). Nothing in here
knows of files, ROIs, traits or widgets.
"""
