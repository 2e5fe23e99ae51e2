"""A service that answers what it began before it ends; `/items` needs the store."""

import os
import select
import signal
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODE = os.environ.get("MODE", "good")
PATIENCE = float(os.environ.get("PATIENCE", "1"))


def store() -> bool:
    try:
        with urllib.request.urlopen("http://store:8000/items", timeout=PATIENCE) as answer:
            return answer.status == 200
    except OSError:
        return False


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.partition("?")[0]
        if path == "/slow":
            time.sleep(0.5)
            return self.answer(200)
        if path == "/live":
            return self.answer(200 if MODE != "deadly" or store() else 500)
        if path == "/ready":
            return self.answer(200 if MODE == "always-ready" or store() else 503)
        if path == "/items":
            return self.answer(200 if store() else 500 if MODE == "breaks" else 503)
        return self.answer(404)

    def answer(self, status):
        body = os.environ.get("GREETING", "").encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = MODE == "drops"
    request_queue_size = 64


server = Server(("", 8000), Handler)


def end(number, frame):
    print("ending", flush=True)
    if MODE == "drops":
        os._exit(0)
    threading.Thread(target=server.shutdown).start()


if MODE == "ignores":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
elif MODE != "deaf":
    signal.signal(signal.SIGTERM, end)
print("listening", flush=True)
server.serve_forever(poll_interval=0.05)
while MODE != "drops" and select.select([server], [], [], 0)[0]:
    server.handle_request()  # connected before the end, and not served by a loop that was ending
server.server_close()
print("ended", flush=True)
raise SystemExit(3 if MODE == "wrong-code" else 0)
