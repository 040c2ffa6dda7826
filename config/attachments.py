"""The settings of files that go with questions: which models see pictures, and where files are
kept. Each function raises with one line that says what a variable must be.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import EnvError, ValidationError

from config.upstreams import Servers


def vision_models(names: list[str], *, offered: list[str], upstreams: Servers) -> list[str]:
    """Those of the one upstream that take pictures."""
    if names and upstreams:
        raise EnvError(
            'Environment variables "VISION_MODELS" and "UPSTREAMS" are both set: write '
            "vision = true in the file"
        )
    if not set(names) <= set(offered):
        raise EnvError('Environment variable "VISION_MODELS" must be some of CHAT_MODELS')
    return names


def endpoint(url: str) -> None:
    """The address of an S3-compatible server; an empty value is Amazon's own."""
    try:
        parts = urlsplit(url)
        is_url = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in url
    except ValueError:
        is_url = False
    if url and not is_url:
        raise ValidationError("Must be a URL that starts with http:// or https://, without a key")


def storage(  # noqa: PLR0913 - a variable each
    folder: Path, *, bucket: str, endpoint: str, region: str, access_key: str, secret_key: str
) -> dict[str, Any]:
    """The entry of STORAGES: the bucket if one is named, else a folder that only the server reads.
    Without keys, those of the machine's role are used, as by Amazon's own programs.
    """
    if not bucket:
        if endpoint or region or access_key or secret_key:
            raise EnvError('Environment variable "ATTACHMENT_BUCKET" not set, but others of it are')
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {
                "location": folder,
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
    if bool(access_key) != bool(secret_key):
        raise EnvError(
            'Environment variables "ATTACHMENT_ACCESS_KEY" and "ATTACHMENT_SECRET_KEY": one is set '
            "without the other"
        )
    return {
        "BACKEND": "config.bucket.Bucket",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": endpoint or None,
            "region_name": region or None,
            "access_key": access_key or None,
            "secret_key": secret_key or None,
        },
    }
