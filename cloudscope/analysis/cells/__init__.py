"""Counting of cells: the motion, the train of cells aligned along it, and what is in the train."""
