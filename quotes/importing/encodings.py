"""The encoding of a file of lines: UTF-8, UTF-16 with a byte order mark, or cp949, in which Korean
versions of Excel save CSV.

Nothing is guessed that could be something else. A file is cp949 only if it is not UTF-8, is cp949
from its first byte to its last, and nearly all of its characters beyond ASCII are those of Korean
texts: many short texts in Windows-1252 or GBK are cp949, too, but another text in it.
"""

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from config.batches import paced
from quotes.importing.findings import UnreadableFile

PIECE = 1 << 16  # bytes
_MARKS = {
    codecs.BOM_UTF8: ("utf-8", "UTF-8"),
    codecs.BOM_UTF16_LE: ("utf-16-le", "UTF-16"),
    codecs.BOM_UTF16_BE: ("utf-16-be", "UTF-16"),
}
_ASCII = re.compile(r"[\x00-\x7f]+")
# The Hangul of KS X 1001, in which nearly every Korean text is written, and punctuation.
_HANGUL = b"".join(
    bytes([lead, trail]) for lead in range(0xB0, 0xC9) for trail in range(0xA1, 0xFF)
)
_KOREAN = frozenset(_HANGUL.decode("euc_kr") + "“”‘’…·ㆍ、。〈〉《》「」『』【】〔〕―～")
_JUDGED = 10_000  # characters beyond ASCII
_KOREAN_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class _Failure:
    """Where a file is not in `encoding`: the byte, counted from 0, and the row, from 1."""

    encoding: str
    byte: int
    row: int


def open_text(file: IO[bytes]) -> tuple[io.TextIOWrapper, str]:
    """The text of a file, and the name of its encoding. Reads the file once before. Raises
    `UnreadableFile`. `file` can seek; the caller closes it.
    """
    codec, name, mark = _encoding(file)
    file.seek(mark)
    return io.TextIOWrapper(file, encoding=codec, newline=""), name


def _encoding(file: IO[bytes]) -> tuple[str, str, int]:
    """The codec, its name for people, and the length of the byte order mark."""
    head = file.read(4)
    for mark, (codec, name) in _MARKS.items():
        if head.startswith(mark):
            failure = _failure(file, codec, len(mark))
            if failure:
                raise _refusal(_("Byte %(byte)d (row %(row)d) is not %(encoding)s."), failure, name)
            return codec, name, len(mark)
    if b"\0" in head:
        raise UnreadableFile(
            _("The file looks like UTF-16 without a byte order mark. Save it as UTF-8 text.")
        )
    not_utf8 = _failure(file, "utf-8", 0)
    if not not_utf8:
        return "utf-8", "UTF-8", 0
    _require_korean(file, not_utf8)
    return "cp949", "cp949 (EUC-KR)", 0


def _require_korean(file: IO[bytes], not_utf8: _Failure) -> None:
    not_cp949 = _failure(file, "cp949", 0)
    if not_cp949:
        # The file was probably meant in the encoding in which more of it can be read.
        failure = max(not_utf8, not_cp949, key=lambda failure: failure.byte)
        text = _(
            "The file is neither in UTF-8 nor in cp949: byte %(byte)d (row %(row)d) is not "
            "%(encoding)s. Save it as UTF-8 text."
        )
        raise _refusal(text, failure, {"utf-8": "UTF-8"}.get(failure.encoding, failure.encoding))
    if not _is_korean(file):
        text = _(
            "The file is not in %(encoding)s (byte %(byte)d, row %(row)d), and too little of it is "
            "Korean to be sure that it is in cp949. Save it as UTF-8 text."
        )
        raise _refusal(text, not_utf8, "UTF-8")


def _refusal(text: str, failure: _Failure, encoding: str) -> UnreadableFile:
    values = {"byte": failure.byte + 1, "row": failure.row, "encoding": encoding}
    return UnreadableFile(text % values)


def _failure(file: IO[bytes], codec: str, start: int) -> _Failure | None:
    """Where the bytes from `start` cannot be decoded, if anywhere."""
    decoder = codecs.getincrementaldecoder(codec)()
    position, rows = start, 0
    for piece in _pieces(file, start):
        position += len(piece)
        try:
            rows += decoder.decode(piece, final=not piece).count("\n")
        except UnicodeDecodeError as error:
            # `error.object` is what was kept of the last piece, and this one.
            good = error.object[: error.start].decode(codec, "replace")
            byte = position - len(error.object) + error.start
            return _Failure(codec, byte, rows + good.count("\n") + 1)
    return None


def _is_korean(file: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("cp949")()
    judged = korean = 0
    for piece in _pieces(file, 0):
        beyond = _ASCII.sub("", decoder.decode(piece, final=not piece))[: _JUDGED - judged]
        judged += len(beyond)
        korean += sum(character in _KOREAN for character in beyond)
        if judged == _JUDGED:
            break
    return korean >= _KOREAN_SHARE * judged


def _pieces(file: IO[bytes], start: int) -> Iterator[bytes]:
    """The file from a byte on, and b"" at its end."""
    file.seek(start)
    yield from paced(iter(lambda: file.read(PIECE), b""))
    yield b""
