"""Tests of the core: tables of literals; no server, no database, no disk."""
