"""All services in one process, over the memory bus: what `demo`, `up` and `tick` build."""
