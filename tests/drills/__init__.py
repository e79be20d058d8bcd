"""Drills: the fleet as a process that is killed, frozen and started again, while people go on."""
