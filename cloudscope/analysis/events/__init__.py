"""Parts of `velocity_events`: the course of the flow, what departs from it, and its review."""
