"""The form in which passwords are hashed, and the forms in which a typed one is tried.

Passwords are never trimmed. They are hashed in NFKC (NIST SP 800-63B, 5.1.1.2), so that a password
typed on macOS (NFD) matches the one that was chosen on another system (NFC).
"""

from config.unicode import normalize


def normalize_password(password: str) -> str:
    return normalize("NFKC", password)


def possible_forms(password: str) -> tuple[str, ...]:
    """The forms in which a typed password may have been hashed, usually one: normalized; as typed
    (before passwords were normalized); without surrounding spaces, which API and session removed
    at that time.
    """
    forms = dict.fromkeys((normalize_password(password), password, password.strip()))
    return tuple(form for form in forms if form) or (password,)
