"""Parts of the flow measurement: profile of velocity, diameter of each window, the table."""
