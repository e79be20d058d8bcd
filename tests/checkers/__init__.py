"""Tests of shared/checkers."""
