"""Tests of what `gatefleet dead` is made of."""
