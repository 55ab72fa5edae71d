"""Datasets and the files made of them."""
