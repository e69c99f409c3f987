"""Parts of the diameter measurement: where the vessel is, what its profile looks like, the fit."""
