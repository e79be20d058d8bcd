"""Tests of the forge port."""
