"""Tests of what we ask: every survey of xlsforms/, as shipped."""
