# ruff: noqa: N999 - the name that gunicorn gives to such a file
"""How gunicorn serves the application: `gunicorn -c config/gunicorn.conf.py config.wsgi`.

Every value that a site may change comes from `config.settings`. They are read in a process of
their own, because gevent patches the standard library in the workers, and has to do so before
Django is imported.
"""

import gc
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import gevent

_NAMES = """HOST PORT DEBUG DATA_DIR WEB_CONCURRENCY GRACEFUL_TIMEOUT MAX_STREAMS_PER_PROCESS
LOG_FORMAT DATABASES"""
_READ = f"""
import json
from config import settings
print(json.dumps({{name: getattr(settings, name) for name in {_NAMES.split()}}}, default=str))
"""

_child = subprocess.run(  # noqa: S603
    [sys.executable, "-c", _READ], stdout=subprocess.PIPE, text=True, check=False
)
if _child.returncode:  # settings.py has said on standard error what is wrong
    sys.exit(_child.returncode)
_settings = json.loads(_child.stdout)

# Several workers keep their metrics in files, so that each can show those of all. The library looks
# at this variable when a worker imports it.
_metrics = Path(_settings["DATA_DIR"], "metrics")
os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
if _settings["WEB_CONCURRENCY"] > 1:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_metrics)

GARBAGE_LOOK_AFTER = 20_000  # objects made and not yet gone; Python's own would be 700

wsgi_app = "config.wsgi"
_host = _settings["HOST"]
bind = f"[{_host}]:{_settings['PORT']}" if ":" in _host else f"{_host}:{_settings['PORT']}"
workers = _settings["WEB_CONCURRENCY"]
worker_class = "config.worker.Worker"
preload_app = False
# A stream holds its connection; the rest is for requests beside the streams.
worker_connections = _settings["MAX_STREAMS_PER_PROCESS"] + 1000
graceful_timeout = _settings["GRACEFUL_TIMEOUT"]
timeout = graceful_timeout + 30  # a worker that lets its answers end is not stuck
limit_request_line = 8190  # the most that gunicorn takes; what is longer gets a 414 of its own
keepalive = 75  # longer than the proxy keeps its idle connections, so that it is the one to close

# Django reads X-Forwarded-* itself, and only behind TRUSTED_PROXY_COUNT proxies.
forwarded_allow_ips = ""
control_socket_disable = True  # nothing is written outside of DATA_DIR
# The heartbeat file of a worker must not wait for a disk.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else _settings["DATA_DIR"]  # noqa: S108

# Paths and addresses of people belong in no log; the proxy has a request log where one is wanted.
accesslog = None
logger_class = "config.worker.Log"
loglevel = "warning" if _settings["DEBUG"] else "info"
logconfig_dict = {
    "formatters": {
        "text": {"format": "{asctime} {levelname:7} gunicorn {message}", "style": "{"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "{asctime}{levelname}{name}{message}",
            "style": "{",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
        },
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": _settings["LOG_FORMAT"]},
        "error_console": {"class": "logging.StreamHandler", "formatter": _settings["LOG_FORMAT"]},
    },
    "loggers": {
        "gunicorn.error": {
            "level": loglevel.upper(),
            "handlers": ["error_console"],
            "propagate": False,
            "qualname": "gunicorn.error",
        }
    },
    "root": {"level": "WARNING", "handlers": ["console"]},
}

_WELCOME = """
Daesa is at {address}      the API: {address}/docs

A first chat, from another terminal (jq takes the token out; the README has it without):

  curl -s {address}/accounts/join -H 'Content-Type: application/json' \\
    -d '{{"email": "me@example.com", "password": "a long pass phrase"}}'
  TOKEN=$(curl -s {address}/accounts/login -H 'Content-Type: application/json' \\
    -d '{{"email": "me@example.com", "password": "a long pass phrase"}}' | jq -r .access)
  curl -s {address}/chat -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
    -d '{{"content": "To be, or not to be"}}'

To review what people submit: `make admin`, then {address}/admin/
Everything is kept in {data_dir}. Ctrl-C stops the server.
"""


def on_starting(server):  # noqa: ANN001, ANN201, ARG001
    """One clear line at once, where gunicorn would try for some seconds and log each attempt; and
    no metrics of an earlier run, whose processes may have had the ids of ours.
    """
    if "GUNICORN_FD" not in os.environ:  # else the workers of an earlier release still write there
        shutil.rmtree(_metrics, ignore_errors=True)
    _metrics.mkdir(exist_ok=True)
    if {"GUNICORN_FD", "LISTEN_FDS"} & set(os.environ):
        return  # the socket was handed over, and is open already
    family = socket.AF_INET6 if ":" in _host else socket.AF_INET
    try:
        socket.create_server((_host, _settings["PORT"]), family=family).close()
    except OSError as error:
        sys.exit(f"daesa: cannot listen on {bind}: {error.strerror}")


def worker_int(worker):  # noqa: ANN001, ANN201, ARG001
    """After Ctrl-C a worker ends its answers and leaves. By gunicorn's own way it would leave from
    within a greenlet, of which gevent writes a traceback.
    """
    from chat.pulse import drain  # noqa: PLC0415

    drain(seconds=0)
    os._exit(0)


def post_worker_init(worker):  # noqa: ANN001, ANN201, ARG001
    """Python looks for cycles among all objects that there are, again and again; what is loaded by
    now stays for good, and of what a request makes little is in cycles. Figures in bench/README.md.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_LOOK_AFTER)


def post_request(worker, req, environ, resp):  # noqa: ANN001, ANN201, ARG001
    """A connection whose next request is there already would keep the others waiting."""
    gevent.sleep(0)


def when_ready(server):  # noqa: ANN001, ANN201, ARG001
    if _settings["DEBUG"]:
        address = "http://" + bind.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]")  # noqa: S104
        sys.stdout.write(_WELCOME.format(address=address, data_dir=_settings["DATA_DIR"]))
        sys.stdout.flush()


def child_exit(server, worker):  # noqa: ANN001, ANN201, ARG001
    """What a worker that has left was carrying, nobody carries any more."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415

        mark_process_dead(worker.pid)


def post_fork(server, worker):  # noqa: ANN001, ANN201, ARG001
    """Lets other greenlets run while one waits for PostgreSQL."""
    if _settings["DATABASES"]["default"]["ENGINE"].endswith("postgresql"):
        from psycogreen.gevent import patch_psycopg  # noqa: PLC0415

        patch_psycopg()
