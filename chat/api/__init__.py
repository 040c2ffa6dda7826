"""Views, input and output of the chat API: a module per resource, `base` for what they share, `sse`
for the encoding of events, `responses` for the ways to answer a turn.
"""
