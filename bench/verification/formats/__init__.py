"""The formats in which models write a line, each as data.

To add one, add a `Format` to `english.py` or `korean.py`. Its template may name:

    {line}                      the line, altered or not: what is judged
    {second} {third}            two other lines of the board, unchanged
    {invented}                  a sentence that is on no board
    {name} {topic} {subject}    the line's speaker: plain, with 은/는, with 이/가
    {second_name}               the speaker of {second}
    {work}                      the title of the work, which is never a line
    {id}                        the id of the line
"""

from bench.verification.formats.english import ENGLISH
from bench.verification.formats.form import Format
from bench.verification.formats.korean import KOREAN

FORMATS: dict[str, list[Format]] = {"en": ENGLISH, "ko": KOREAN}
