"""From a question to a reply: screening, matching, decision, composing. Plain functions on frozen values."""
