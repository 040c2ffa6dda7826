"""A limit on answers and readers that is reached. `chat.turns.errors` shows them in its tree."""

from django.utils.translation import gettext_lazy as _

from config.api.problems import Problem, ServiceUnavailable


class TooManyStreams(Problem):
    status_code = 429
    default_code = "too_many_streams"
    default_detail = _("Some of your answers are still being written. Wait for one, or stop one.")

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "5"})


class ProcessFull(ServiceUnavailable):
    default_code = "process_full"
    default_detail = _("The server is writing as many answers as it can. Try again in a moment.")
