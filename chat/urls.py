from django.urls import path

import config.api.converters  # noqa: F401 - registers <id:…>
from chat.api.attachments import (
    AttachmentContent,
    Attachments,
    AttachmentStorage,
    OneAttachment,
)
from chat.api.chats import Chats, Continue, OneChat, Replies
from chat.api.conversations import Conversations, Models, OneConversation
from chat.api.importing import Import
from chat.api.reports import MarkReports, OneMarkReport
from chat.api.statistics import Statistics
from chat.api.streams import OneStream, Streams

app_name = "chat"

urlpatterns = [
    path("chat", Chats.as_view(), name="chats"),
    path("chat/<id:pk>", OneChat.as_view(), name="chat"),
    path("chat/<id:pk>/replies", Replies.as_view(), name="replies"),
    path("chat/<id:pk>/continue", Continue.as_view(), name="continue"),
    path("chat/<id:pk>/mark-reports", MarkReports.as_view(), name="mark-reports"),
    path("chat/<id:pk>/mark-reports/<id:report>", OneMarkReport.as_view(), name="mark-report"),
    path("chat/stream", Streams.as_view(), name="streams"),
    path("chat/stream/<uuid:stream_id>", OneStream.as_view(), name="stream"),
    path("conversations", Conversations.as_view(), name="conversations"),
    path("conversations/import", Import.as_view(), name="import"),
    path("conversations/<id:pk>", OneConversation.as_view(), name="conversation"),
    path("conversations/<id:pk>/statistics", Statistics.as_view(), name="statistics"),
    path("attachments", Attachments.as_view(), name="attachments"),
    path("attachments/storage", AttachmentStorage.as_view(), name="attachment-storage"),
    path("attachments/<id:pk>", OneAttachment.as_view(), name="attachment"),
    path("attachments/<id:pk>/content", AttachmentContent.as_view(), name="attachment-content"),
    path("models", Models.as_view(), name="models"),
]
