"""Files in a bucket of an S3-compatible server, by django-storages. Imported only where one is set,
since boto3 takes a second.
"""

from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage

_CONNECT_SECONDS, _READ_SECONDS = 5, 30


class Bucket(S3Storage):  # type: ignore[misc]  # without types
    """Private files, each written once. Waits for the server as long as a request can."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **options,
            default_acl=None,
            file_overwrite=True,  # asks nothing before it writes; the keys are random
            signature_version="s3v4",
            client_config=Config(
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_READ_SECONDS,
                retries={"total_max_attempts": 3, "mode": "standard"},
                # Other servers than Amazon's may not know newer checksums.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )
