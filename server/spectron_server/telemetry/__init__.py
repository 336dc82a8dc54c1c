"""What the server tells of itself: counters and times for Prometheus, spans for a trace collector.

A leaf among the layers: every part may report here, and nothing here knows the parts. What is
labelled comes from this program (the name of an RPC, an outcome), never from a caller, so that
neither what users say nor who they are can get into a label, and their number is bounded.
"""
