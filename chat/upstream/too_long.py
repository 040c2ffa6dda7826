"""Whether the text of an error says that the request is longer than the model allows.

Servers word it in dozens of ways, so this looks for what such texts have in common: either they
name the model's context and a size, or they say of the input that it is too long. Limits over time
and limits of the answer are worded alike and are not meant.
"""

import re

_NOT_THE_INPUT = re.compile(
    r"rate[ -]?limit|per (?:second|min|minute|hour|day|month)\b|\b[rt]p[mds]\b|quota|throttl"
    r"|billing|too many requests|please wait|try again (?:in|later)|retry after|overload|queue"
    r"|capacity|concurren|timed? ?out"
)
# What the answer may take; replaced, so that it is not taken for the input.
_ANSWER = re.compile(
    r"max(?:imum)? (?:(?:completion|new|output|generated) )?tokens"
    r"|(?:completion|output|generated) tokens"
)
_TYPES = re.compile(r"(?:invalid|bad) request(?: error)?")  # names of errors, not of the input
_CONTEXT = re.compile(
    r"context (?:length|size|window|limit|budget|exceeded|overflow)|exceed\w* context"
    r"|context the overflows|max(?:imum)? (?:allowed )?(?:model|prompt|input|seq|sequence) len"
)
_SIZE = re.compile(r"\d|exceed|long|large|great|reduce|overflow|limit")
_PART = re.compile(r"\b(?:tools?|functions?|images?|files?|audio|video|attachments?|schema)\b")

_INPUT = r"\b(?:prompt|inputs?|messages?|conversation|history|request|text|query)\b"
_UNIT = r"(?:token|length|size|limit|len\b|max|characters)"
_TOO_LONG = re.compile(
    rf"{_INPUT}.{{0,60}}(?:too (?:long|large|big|many)|超长|过长|太长|超过|超出|너무 (?:길|깁))"
    rf"|(?:too (?:long|many)|超长|过长).{{0,60}}{_INPUT}"
    rf"|{_INPUT}.{{0,60}}(?:exceed|(?:longer|greater|larger|more|less|fewer) than|only supports"
    rf"|must be <=).{{0,40}}{_UNIT}"
    rf"|{_INPUT}.{{0,60}}{_UNIT}.{{0,60}}(?:exceed|(?:longer|greater|larger|more) than"
    rf"|only supports|must be <=|should be \[)"
    rf"|reduce (?:the )?(?:length|size|number) of (?:the |your )?{_INPUT}",
    re.DOTALL,
)


def is_too_long(text: str) -> bool:
    """Takes linear time, since every gap has a bound."""
    plain = " ".join(re.sub(r"[_`]", " ", text.lower()).split())
    if _NOT_THE_INPUT.search(plain):
        return False
    plain = _TYPES.sub("", _ANSWER.sub("answer", plain))
    if _CONTEXT.search(plain) and _SIZE.search(plain):
        return True
    return bool(_TOO_LONG.search(plain)) and not _PART.search(plain)
