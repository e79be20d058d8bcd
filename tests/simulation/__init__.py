"""All services, local-forge, the memory bus and a clock in one process, deterministic by seed."""
