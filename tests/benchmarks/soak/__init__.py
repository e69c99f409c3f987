"""Faults on purpose, long enough to believe what survives them.

``python -m tests.benchmarks.soak`` runs everything once in its long form and prints the table that
stands in ``docs/reliability.md``; ``--short`` is what the suite runs of it.
"""
