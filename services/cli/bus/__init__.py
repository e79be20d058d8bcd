"""`gatefleet topology` and `gatefleet bus`: what is on the broker, and who may do what there."""
