from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_delete
from django.utils.translation import gettext_lazy as _


class QuotesConfig(AppConfig):
    name = "quotes"
    verbose_name = _("Quotes")

    def ready(self) -> None:
        # Models cannot be imported before.
        from django.contrib.auth import get_user_model  # noqa: PLC0415

        from accounts.export.sections import provide_section  # noqa: PLC0415
        from accounts.profile import provide_emptying  # noqa: PLC0415
        from config import admin_home  # noqa: PLC0415
        from quotes.board.archive import board_files  # noqa: PLC0415
        from quotes.board.deletion import delete_submissions  # noqa: PLC0415
        from quotes.board.likes import remove_likes  # noqa: PLC0415
        from quotes.deleting.job import delete_lines  # noqa: PLC0415
        from quotes.glosses.job import gloss_lines  # noqa: PLC0415
        from quotes.importing.job import import_file  # noqa: PLC0415
        from quotes.jobs import runner  # noqa: PLC0415
        from quotes.models import StaffJob  # noqa: PLC0415
        from quotes.review.home import ages_of_waiting_lines, waiting_lines  # noqa: PLC0415
        from quotes.search.index import ensure_index  # noqa: PLC0415
        from quotes.search.pgvector import ensure_column  # noqa: PLC0415

        provide_emptying(delete_submissions)
        provide_section(board_files)
        admin_home.provide(waiting_lines)
        admin_home.provide(ages_of_waiting_lines)
        runner.register(StaffJob.Kind.IMPORT, import_file)
        runner.register(StaffJob.Kind.DELETE, delete_lines)
        runner.register(StaffJob.Kind.GLOSS, gloss_lines)
        post_migrate.connect(ensure_index, sender=self, dispatch_uid="quotes_index")
        post_migrate.connect(ensure_column, sender=self, dispatch_uid="quotes_nearest")
        pre_delete.connect(remove_likes, sender=get_user_model(), dispatch_uid="quotes_likes")
