"""`manage.py embed_quotes`: computes the embeddings by which lines are found by meaning."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quotes.search import embeddings


class Command(BaseCommand):
    help = (
        "Asks the model EMBEDDING_MODEL for a vector of each applied line that has none from it. "
        "It can be interrupted and run again, also while the board is in use. A running server "
        "does the same by itself, but slowly. On PostgreSQL with pgvector, it also creates the "
        "index with which the database compares the vectors."
    )

    def handle(self, *_args: Any, **options: Any) -> None:
        if not embeddings.is_on():
            raise CommandError("EMBEDDING_MODEL is not set.")
        done = 0
        try:
            for done, left in embeddings.embed_waiting():
                if options["verbosity"]:
                    self.stdout.write(f"{done} lines embedded, {left} to go")
        except embeddings.EmbeddingsUnavailable as error:
            raise CommandError(
                f"The model's server is away ({error}); {done} lines are done."
            ) from error
        embeddings.move_to_pgvector()
        if options["verbosity"] or done:
            self.stdout.write(f"All applied lines have their vectors; {done} were new")
