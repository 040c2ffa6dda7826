"""How a line's words are changed so that they stand in a format. None changes a letter."""

from collections.abc import Callable


def as_it_is(text: str) -> str:
    return text


def unended(text: str) -> str:
    """Without its end mark, where the sentence around it goes on."""
    return text.rstrip(".,;:!?")


def uncapitalized(text: str) -> str:
    return text[:1].lower() + text[1:]


def _thirds(text: str) -> tuple[str, str, str]:
    words = text.split(" ")
    first, last = len(words) // 3, len(words) - len(words) // 3
    return " ".join(words[:first]), " ".join(words[first:last]), " ".join(words[last:])


def joined(between: str) -> Callable[[str], str]:
    """Divided in the middle, with something else instead of the space there."""

    def shape(text: str) -> str:
        words = text.split(" ")
        middle = len(words) // 2
        first = " ".join(words[:middle])
        first = first.rstrip(",;:") if between.startswith(",") else first  # one mark, not two
        return between.join([first, " ".join(words[middle:])])

    return shape


def wrapped(before: str, after: str) -> Callable[[str], str]:
    """Something around the word in the middle."""

    def shape(text: str) -> str:
        words = text.split(" ")
        middle = len(words) // 2
        words[middle] = f"{before}{words[middle]}{after}"
        return " ".join(words)

    return shape


def gap(mark: str) -> Callable[[str], str]:
    """With an ellipsis instead of a word or two in the middle."""

    def shape(text: str) -> str:
        words = text.split(" ")
        middle = len(words) // 2
        return " ".join([*words[:middle], mark, *words[middle + 1 :]])

    return shape


def cut_start(mark: str) -> Callable[[str], str]:
    return lambda text: f"{mark}{' '.join(text.split(' ')[1:])}"


def cut_end(mark: str) -> Callable[[str], str]:
    return lambda text: f"{' '.join(text.split(' ')[:-1])}{mark}"


def every_line(prefix: str, ending: str = "") -> Callable[[str], str]:
    """A prefix before each third, as in a poem that is divided into lines."""

    def shape(text: str) -> str:
        return f"{ending}\n".join(f"{prefix}{part}" for part in _thirds(text) if part)

    return shape
