"""Tests of what `gatefleet publish` is made of."""
