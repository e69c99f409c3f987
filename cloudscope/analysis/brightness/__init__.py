"""Parts of the intensity measurement: reading, baseline, noise, peaks and their shape."""
