"""`manage.py embed_quotes`: gives the lines their vectors, by which their meaning is found."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quotes import embeddings


class Command(BaseCommand):
    help = (
        "Asks the model of EMBEDDING_MODEL for a vector of each applied line that has none of it. "
        "It can be broken off and run again, also while people use the board. A running server "
        "does the same by itself, slowly. On PostgreSQL with pgvector, it also makes the index by "
        "which the database finds them."
    )

    def handle(self, *_args: Any, **options: Any) -> None:
        if not embeddings.is_on():
            raise CommandError("EMBEDDING_MODEL is not set.")
        done = 0
        try:
            for done, left in embeddings.embed_waiting():
                if options["verbosity"]:
                    self.stdout.write(f"{done} lines embedded, {left} to go")
        except embeddings.Away as away:
            raise CommandError(
                f"The model's server is away ({away}); {done} lines are done."
            ) from away
        embeddings.let_the_database_compare()
        if options["verbosity"] or done:
            self.stdout.write(f"All applied lines have their vectors; {done} were new")
