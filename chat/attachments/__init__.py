"""Pictures and text files that go with a question (ADR 0052).

`convert` is a program of its own that reads what was uploaded; `conversion` runs it. `uploads`
stores the result for its user, `attaching` gives it to a question, `files` keeps the bytes,
`discarding` deletes those that nothing names any more, and `reading` gets them for the model.
"""
