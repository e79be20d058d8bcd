"""The words of a story, by who says them: the forge, the gates, the agents and the scheduler."""
