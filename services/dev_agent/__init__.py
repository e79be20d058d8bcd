"""dev-agent: turns an approved issue, or what a review asked for, into a draft of a change."""
