"""Each bar of the design as a script that prints figures measured side by side in one run."""
