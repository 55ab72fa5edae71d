"""Commands of `collector` by noun; `collector/cli.py` puts them together."""
