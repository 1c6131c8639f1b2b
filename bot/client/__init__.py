"""NextStep on Discord: listening, commands, buttons, settings, alerts."""
