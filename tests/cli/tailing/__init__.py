"""Tests of what `gatefleet tail` is made of."""
