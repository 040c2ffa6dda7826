"""A small OpenAI-compatible server for development and tests, with faults on demand.

Run `python -m fakeopenai` (standard library only) or `python manage.py fakeopenai`; either prints
the URL, the settings for Daesa and the list of faults.
`server` routes requests, `exchange` speaks HTTP, `completion` and `embedding` make answers,
`faults` is the table of what can go wrong, `record` remembers the requests.
"""
