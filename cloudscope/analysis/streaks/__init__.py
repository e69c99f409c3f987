"""Streaks of a kymograph: how fast they move, in pixels a line, and how well that is known.

One step a module. Before the search: `preparation` (checked pixels and what follows from the
parameters), `bidirectional` (lines scanned backwards, put back), `background` with `column_mean`
(what does not move), `geometry` (from slopes to velocities).

The search, in the order of use: `windows` (stretches of lines, cut into windows), `sampling` (which
lags, shifts and trial velocities a width asks for), `correlation` (how alike a window is to itself
after a lag and a shift), `record` (what the whole recording says of signal, noise and cells),
`evidence` and `explanation` (how well each trial velocity explains a window), `search` (the best of
them), `tracking` (one a window, chosen with its neighbours), `refinement` (the last fraction of a
step), `jackknife` and `uncertainty`, `course` (a window that tells little, beside its neighbours),
`averaging` (from the velocity of streaks to the mean of a window) and `quality`; `measurement` runs
them over a recording in bounded memory. `classic` takes the place of all this where the classic
method is asked for.

After it: `reasons` with `saturation` and `unfollowed` (statuses that the search cannot give),
`smoother` (the track over time), `table` and `summary`.

Beside it: `probe` (the score of every trial velocity in a window), `along_line` (how velocity
differs along the line), `ceiling` (what a scan can resolve), `manual` (velocities set by hand),
`moving_pixels` (what is left to see without the background).
"""
