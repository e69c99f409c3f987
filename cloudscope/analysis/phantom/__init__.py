"""A drawn twin of one recording, whose velocity is known: what `expected_error` measures.

`course` takes the velocity from a result, `pattern` the cells, the noise and the static pattern
from the pixels; `twin` draws them; `scoring` compares what was measured with what was drawn;
`wording` says it in words.
"""
