"""Tests of shared/git: real git, on real and on hostile repositories."""
