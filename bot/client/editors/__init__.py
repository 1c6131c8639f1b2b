"""Editors at work on Discord: rights, forms, review cards."""
