"""Rhythm of a series: its heart rate, and its single beats."""
