"""Embeddings: deterministic vectors by which similar texts are found."""

import base64
import math
import re
import struct
import zlib
from collections.abc import Mapping
from typing import Any

from fakeopenai.completion import InvalidRequest

EMBEDDING_MODEL = "fake-embedding"
DIMENSIONS = 64


def embed(request: Mapping[str, Any]) -> dict[str, Any]:
    """The body of the response. Two vectors are similar if their texts share letters, or words that
    `_SYNONYMS` knows. Raises InvalidRequest.
    """
    given = request.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise InvalidRequest("'input' must be a text or a list of texts", "input")
    size = request.get("dimensions", DIMENSIONS)
    if type(size) is not int or not 0 < size <= 4096:  # noqa: PLR2004
        raise InvalidRequest("'dimensions' must be an integer from 1 to 4096", "dimensions")
    is_packed = request.get("encoding_format") == "base64"
    vectors = (_vector(text, size) for text in texts)
    rows = [
        {"object": "embedding", "index": at, "embedding": _pack(row) if is_packed else row}
        for at, row in enumerate(vectors)
    ]
    tokens = sum(len(text.split()) for text in texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": rows, "model": request.get("model"), "usage": usage}


_SYNONYMS = {
    "ocean": "sea", "deep water": "sea", "joy": "gladness", "happiness": "gladness",
    "바다": "sea", "기쁨": "gladness", "행복": "gladness",
}  # fmt: skip
_SYNONYM = re.compile("|".join(_SYNONYMS))


def _vector(text: str, size: int) -> list[float]:
    """Triples of letters, hashed into `size` dimensions; the vector has length 1."""
    vector = [0.0] * size
    padded = f"  {_SYNONYM.sub(lambda match: _SYNONYMS[match[0]], text.lower())} "
    for at in range(len(padded) - 2):
        digest = zlib.crc32(padded[at : at + 3].encode())
        vector[digest % size] += 1.0 if digest & 0x10000 else -1.0
    length = math.hypot(*vector) or 1.0
    return [number / length for number in vector]


def _pack(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
