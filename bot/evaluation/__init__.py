"""How good the answers are: labelled rows, scoring, tuning, proving rules, impact."""
