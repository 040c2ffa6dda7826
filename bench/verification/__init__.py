"""Measures how answers are judged. `python -m bench.verification --help` says what it prints.

- `formats/`: the ways in which models write a line, as data; one file for a language
- `shapes.py`: how a line's words are changed for a format
- `alterations.py`: the ways in which models alter a line, with the verdicts that are right
- `pairs.py`: lines that differ in marks, spaces or digits alone
- `cases.py`: constructed answers: a line, altered or not, in a format
- `everyday.*.jsonl`: answers that quote no line of a board, with their questions
- `judge.py`: the only module that calls the judge
"""
