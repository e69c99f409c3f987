"""Streaks of a kymograph: how fast they move, in pixels a line, and how well that is known.

One step a module, in the order of use: `background` (what does not move), `windows` (stretches of
lines, cut into windows), `sampling` (which lags, shifts and trial velocities a width asks for),
`correlation` (how alike a window is to itself after a lag and a shift), `record` (what the whole
recording says of signal, noise and cells), `evidence` (how well each trial velocity explains a
window), `tracking` (one candidate a window, chosen with its neighbours), `refinement` (the last
fraction of a step), `uncertainty` and `quality`, and `summary`; `measurement` runs them over a
recording in bounded memory.
"""
