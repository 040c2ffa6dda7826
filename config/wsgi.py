"""The WSGI application that gunicorn runs."""

import os

from django.core.wsgi import get_wsgi_application

from config import errors, tracing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# In each worker, after gevent's patching and the fork: both start threads.
errors.start()
tracing.start()
application = get_wsgi_application()
