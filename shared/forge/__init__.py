"""The forge as the fleet may use it: a port of reads and a few writes, and the guard that holds it."""
