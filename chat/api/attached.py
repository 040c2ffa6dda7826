"""The files of a question, as its chat shows them and as a question names them."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from chat.answering.board_model import NAME as BOARD
from chat.attachments.attaching import MOST, no_such_attachment
from chat.attachments.errors import AttachmentsOff, AttachmentsTooLong
from chat.attachments.models import Attachment
from chat.attachments.uploads import upload
from chat.token_estimate import most_tokens
from chat.upstream import deployments_of
from config.api.data_urls import FORM, DataUrlField
from config.api.links import Link, LinkSerializer, absolute, link
from config.api.times import local

if TYPE_CHECKING:
    from accounts.models import User


class AttachmentSerializer(serializers.Serializer[Attachment]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(Attachment.Kind.choices)
    name = serializers.CharField()
    content_type = serializers.CharField(
        help_text="Of a picture, that of the content; of a text, that of the file."
    )
    size = serializers.IntegerField(help_text="Bytes of the content.")
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    chat = serializers.IntegerField(allow_null=True, help_text="Its question, once that is asked.")
    created_at = serializers.DateTimeField()
    links = LinkSerializer(many=True)


def attachment_body(row: Attachment, request: Request) -> dict[str, Any]:
    """An attachment, as all endpoints return it."""
    return {
        "id": row.pk,
        "kind": row.kind,
        "name": row.name,
        "content_type": row.content_type,
        "size": row.size,
        "width": row.width,
        "height": row.height,
        "chat": row.chat_id,
        "created_at": local(row.created_at),
        "links": _links(row, request),
    }


def _links(row: Attachment, request: Request) -> list[Link]:
    here = absolute(request, "chat:attachment", row.pk)
    links = [link("self", here), link("content", f"{here}/content")]
    if row.chat_id is None:
        links.append(link("delete", here, "DELETE"))
    return links


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
            {"type": "string", "pattern": f"^{FORM}"},
        ]
    }
)
class AttachmentField(serializers.Field[Any, Any, Any, Any]):
    """The id of a file that was uploaded, or a file as a data URL."""

    default_error_messages = {"invalid": gettext_lazy("Must be the id of a file, or a data URL.")}

    def to_internal_value(self, data: Any) -> int | bytes:
        if isinstance(data, str):
            content: bytes = DataUrlField().run_validation(data)
            return content
        if isinstance(data, bool) or not isinstance(data, int) or not 0 < data < 2**63:
            self.fail("invalid")
        return int(data)


def attachments_of(
    user: "User", given: Sequence[int | bytes], *, model: str, question: str
) -> tuple[int, ...]:
    """The keys of the files that a question names; those that it brings are stored first.

    Raises `ValidationError`, `AttachmentsOff`, `AttachmentsTooLong`, or what `upload` raises.
    """
    if not given:
        return ()
    if not settings.ATTACHMENT_STORAGE:
        raise AttachmentsOff
    check_takes_files(model)
    rows = _rows(user, given)
    check_sees(model, rows)
    tokens = most_tokens(question) + sum(row.tokens for row in rows)
    limit = max(0, settings.CONTEXT_TOKENS - settings.QUOTE_TOKENS)
    if tokens > limit:
        raise AttachmentsTooLong(tokens=tokens, limit=limit)
    return tuple(row.pk for row in rows)


def _rows(user: "User", given: Sequence[int | bytes]) -> list[Attachment]:
    keys = [one for one in given if isinstance(one, int)]
    own = {row.pk: row for row in Attachment.objects.owned_by(user).filter(pk__in=keys)}
    if len(own) < len(keys):
        raise no_such_attachment()
    return [own[one] if isinstance(one, int) else upload(user, one, "") for one in given]


def check_takes_files(model: str) -> None:
    """Raises `ValidationError` for the board, which answers by itself and reads no file."""
    if model == BOARD:
        raise _refused(
            _("The board's own answers take no files. Choose another model."), "no_files"
        )


def check_sees(model: str, rows: Iterable[Attachment]) -> None:
    """Raises `ValidationError` where pictures are for a model that takes none."""
    has_pictures = any(row.kind == Attachment.Kind.IMAGE for row in rows)
    if has_pictures and not sees(model):
        raise _refused(_("This model takes no pictures. Choose another one."), "no_pictures")


def sees(model: str) -> bool:
    """Whether a model takes pictures, at one of its servers at least."""
    return model != BOARD and any(one.sees for one in deployments_of(model))


def takes(model: str) -> list[str]:
    """The kinds of files that may go with a question to a model."""
    if model == BOARD or not settings.ATTACHMENT_STORAGE:
        return []
    kinds = [Attachment.Kind.TEXT, *([Attachment.Kind.IMAGE] if sees(model) else [])]
    return [kind.value for kind in kinds]


def _refused(text: str, code: str) -> serializers.ValidationError:
    return serializers.ValidationError({"attachments": serializers.ErrorDetail(text, code)})


class NamesFiles(serializers.Serializer[Any]):
    """The field of a question."""

    attachments = serializers.ListField(
        child=AttachmentField(),
        required=False,
        max_length=MOST,
        help_text="Files that go with the question, in this order: ids of `/attachments`, or data "
        "URLs of base64.",
    )

    def validate_attachments(self, given: list[int | bytes]) -> list[int | bytes]:
        if len(set(given)) < len(given):
            raise serializers.ValidationError(_("A file is named twice."), code="duplicate")
        return given
