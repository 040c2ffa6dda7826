"""The encodings in which files of lines are read, and those that are refused."""

import io

import pytest

from quotes.importing.encodings import PIECE, open_text
from quotes.importing.findings import UnreadableFile

KOREAN = "content,speaker\n“죽는 날까지” 하늘을 우러러,윤동주(尹東柱)\n"
CHINESE = "content\n我是不是你的朋友,今天天气很好,我们去公园走一走吧。路的花都开了\n"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (KOREAN.encode(), "UTF-8"),
        (KOREAN.encode("utf-8-sig"), "UTF-8"),
        (KOREAN.encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + KOREAN.encode("utf-16-be"), "UTF-16"),
        (KOREAN.encode("cp949"), "cp949 (EUC-KR)"),
        (KOREAN.encode("euc_kr"), "cp949 (EUC-KR)"),
        (f"{KOREAN}똠방각하 펲시\n".encode("cp949"), "cp949 (EUC-KR)"),
        ("content\nDon’t…\n".encode("cp949"), "cp949 (EUC-KR)"),
        (b"content\nTo be\n", "UTF-8"),
        (b"", "UTF-8"),
        *[((" " * (PIECE - at) + KOREAN).encode("cp949"), "cp949 (EUC-KR)") for at in (17, 18)],
        *[((" " * (PIECE - at) + KOREAN).encode(), "UTF-8") for at in (20, 21)],
    ],
    ids=range(14),
)
def test_reads(data, name):
    text, found = open_text(io.BytesIO(data))
    assert found == name
    codec = {"UTF-8": "utf-8-sig", "UTF-16": "utf-16"}.get(name, "cp949")
    assert text.read() == data.decode(codec)


LONG = "content\n" + "To be\n" * 20_000  # more than one piece


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"content\n\xff\n", "byte 9 (row 2) is not UTF-8"),
        (LONG.encode() + "한".encode() + b"\xe9\n", "byte 120012 (row 20002) is not UTF-8"),
        (
            LONG.encode() + "하늘".encode("cp949") + b"\xff\n",
            "byte 120013 (row 20002) is not cp949",
        ),
        (LONG.encode() + "하".encode()[:2], "byte 120009 (row 20002) is not UTF-8"),
        (KOREAN.encode("utf-16")[:-1], "is not UTF-16"),
        (b"\xff\xfec\0\n\0\x00\xd8\n\0", "Byte 7 (row 2) is not UTF-16."),
        (b"\xef\xbb\xbfcontent\n\xc7\xcf\n", "Byte 12 (row 2) is not UTF-8."),
        ("content".encode("utf-16-le"), "looks like UTF-16 without a byte order mark"),
        ("content".encode("utf-32-be"), "looks like UTF-16 without a byte order mark"),
        # In cp949 from the first byte to the last, but not meant so:
        ("content\nDon’t\n".encode("cp1252"), "(byte 12, row 2), and too little of it is Korean"),
        ("content\ncréée\n".encode("latin-1"), "too little of it is Korean"),
        (CHINESE.encode("gbk"), "too little of it is Korean"),
        ("content\nあなたの名は\n".encode("euc_jp"), "too little of it is Korean"),
    ],
    ids=range(13),
)
def test_refuses_and_says_where(data, complaint):
    with pytest.raises(UnreadableFile) as refused:
        open_text(io.BytesIO(data))
    assert complaint in str(refused.value)
