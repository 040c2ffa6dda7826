"""The name under which vectors are stored. Vectors are comparable only if one model made them, from
texts with the same prefix.
"""

import hashlib

from django.conf import settings


def vector_model() -> str:
    """EMBEDDING_MODEL with a hash of EMBEDDING_PASSAGE_PREFIX, as `Meaning.model` stores it: lines
    with another prefix are embedded again, as with another model. Without a prefix, the name alone.
    """
    prefix: str = settings.EMBEDDING_PASSAGE_PREFIX
    if not prefix:
        return str(settings.EMBEDDING_MODEL)
    return f"{settings.EMBEDDING_MODEL}#{hashlib.sha256(prefix.encode()).hexdigest()[:12]}"
