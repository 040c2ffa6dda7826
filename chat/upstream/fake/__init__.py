"""A small OpenAI-compatible server that answers at once, costs nothing and plays faults.

`python manage.py fakeopenai` or `python -m chat.upstream.fake`. Standard library only, no Django.
`server` routes, `exchange` speaks HTTP, `completion` makes answers, `faults` is the table of what
can go wrong, `record` remembers who asked what.
"""
