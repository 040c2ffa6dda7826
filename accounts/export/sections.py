"""The files of an export. Each app provides those with its own data, since this app must not import
the others.
"""

from collections.abc import Callable, Iterable, Iterator

from accounts.models import User

File = tuple[str, Iterable[bytes]]  # the name in the archive, and its content in pieces
Section = Callable[[User], Iterator[File]]

_sections: list[Section] = []


def provide_section(section: Section) -> None:
    """Registers a function that yields files with a user's data, in the current language. It holds
    no database connection between two pieces. For an `AppConfig.ready`.
    """
    _sections.append(section)


def files_of(user: User) -> Iterator[File]:
    for section in _sections:
        yield from section(user)
