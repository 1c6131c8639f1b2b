"""The inside of the safety screen: reading words, matching patterns, and who, when and whether it is meant."""
