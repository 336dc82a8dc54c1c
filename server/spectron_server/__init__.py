"""The Spectron server: turns in, memory out."""
