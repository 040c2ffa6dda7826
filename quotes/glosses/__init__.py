"""Glosses: what a line means, in one sentence in the line's language. With it a question finds a
line with which it shares no word. A model writes glosses and staff review them (ADR 0040).

    prompt        what the model is told of a line
    checks        which texts of a model are accepted as a gloss
    asking        asks for many lines at a time, retries, and stops when the server is unavailable
    write         which lines have no gloss, and the statements that store one
    job           writes glosses for the lines that staff have chosen, as a job
    admin_gloss   the page on which staff confirm, edit or remove the gloss of a line

`provide_glosser` sets the function that asks the model's server; `chat` calls it at start.
"""
