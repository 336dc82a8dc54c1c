"""Value types and rules. Pure: no input or output, no clock, no randomness of its own."""
