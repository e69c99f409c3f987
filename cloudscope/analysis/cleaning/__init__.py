"""Parts of `clean_velocity`: the steps, one function each."""
