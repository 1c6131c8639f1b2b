"""Typed entries, strict loading, static rules, canonical writing: everything that may be answered from."""
