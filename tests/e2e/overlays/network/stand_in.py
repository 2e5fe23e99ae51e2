"""Stands in for what the shop has no image of: `edge` speaks TLS, `prometheus` answers queries."""

import json
import os
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import urlopen


class Edge(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({"edge": True})

    def answer(self, data, status=200):
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815


class Prometheus(Edge):
    def do_GET(self):
        with urlopen("http://backend:8000/metrics", timeout=5) as page:
            lines = page.read().decode().splitlines()
        orders = sum(float(x.split()[-1]) for x in lines if x.startswith("shop_orders{"))
        # One that was started anew has forgotten everything.
        value = "0" if os.environ["FORGETFUL"] else str(orders)
        found = [{"metric": {"job": "shop"}, "value": [1767225600, value]}]
        self.answer({"status": "success", "data": {"resultType": "vector", "result": found}})

    do_POST = do_GET  # noqa: N815


def main():
    if sys.argv[1] == "edge":
        server = ThreadingHTTPServer(("", 8443), Edge)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.environ["CERTIFICATE"])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    else:
        server = ThreadingHTTPServer(("", 9090), Prometheus)
    server.serve_forever()


main()
