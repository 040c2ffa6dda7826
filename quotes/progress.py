"""The progress of long work on the board."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Phase(models.TextChoices):
    CHECK = "check", _("checking the rows")
    COMPARE = "compare", _("comparing with the board")
    ADD = "add", _("adding")
    DELETE = "delete", _("deleting")
    GLOSS = "gloss", _("asking for meanings")


class Progress:
    """Receives the progress of long work; this one ignores it. An exception from a method ends the
    work.
    """

    def step(self, phase: Phase, done: int, total: int) -> None:
        """Called for each row, outside of transactions. `total` is 0 where it is not known."""

    def changed(self, count: int) -> None:
        """Called within the transaction that adds or deletes `count` lines."""
