"""A load balancer: asks for the replicas by name each time, and passes a refusal by."""

import http.client
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def forwarded(path):
    for *_, address in socket.getaddrinfo("api", 8000, type=socket.SOCK_STREAM):
        connection = http.client.HTTPConnection(address[0], 8000, timeout=5)
        try:
            connection.connect()
        except OSError:
            continue
        connection.request("GET", path)
        return connection.getresponse().status
    return 502


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            status = 200 if self.path == "/live" else forwarded(self.path)
        except OSError:
            status = 502
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


ThreadingHTTPServer(("", 8000), Handler).serve_forever()
