"""The built page in the system's Chromium, against a live server with `fakeopenai` as its upstream.
`python -m tests` runs these after the other tests.
"""
