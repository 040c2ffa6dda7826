"""Start a small OpenAI-compatible server that needs no key, to try things out and to test."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fakeopenai import __main__ as fake


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        fake.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            fake.run(**{name: options[name] for name in ("host", "port", "delay", "attached")})
        except OSError as error:
            raise CommandError(error) from error
