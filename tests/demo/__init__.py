"""NextStep without a token: a page in the browser that looks like a Discord channel, and the pictures in README."""
