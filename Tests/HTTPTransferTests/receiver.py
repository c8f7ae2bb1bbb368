"""A receiver for the tests of HTTPTransfer: prints its port, serves until its standard input ends."""

import http.server
import ssl
import sys
import threading
import time

state = threading.Condition()
connections = 0
hanging = 0
aborted = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Otherwise the body of each small answer waits for the client's delayed acknowledgement.
    disable_nagle_algorithm = True

    def setup(self):
        global connections
        super().setup()
        with state:
            connections += 1

    def log_message(self, *arguments):
        pass

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def wait_for(self, condition):
        with state:
            met = state.wait_for(condition, timeout=20)
        self.answer(200 if met else 504)

    def handle_any(self):
        global hanging, aborted
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        _, kind, *rest = self.path.split("/")
        if kind == "status":
            self.answer(int(rest[0]), b"as asked")
        elif kind == "echo":
            lines = [f"{self.command} {self.path}"] + [f"{name}: {value}" for name, value in self.headers.items()]
            self.answer(200, "\n".join(lines).encode() + b"\n\n" + body, [("X-Twice", "one"), ("X-Twice", "two")])
        elif kind == "bytes":
            self.answer(200, bytes(range(256)) * (int(rest[0]) // 256))
        elif kind == "interim":
            self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
            self.answer(200, b"final", [("X-Final", "yes")])
        elif kind == "redirect":
            self.answer(302, b"", [("Location", "/status/200")])
        elif kind == "pause":
            time.sleep(float(rest[0]))
            self.answer(200)
        elif kind == "many-headers":
            self.answer(200, b"", [(f"X-{index}", "v" * 1000) for index in range(90)] * 4)
        elif kind == "hang":
            with state:
                hanging += 1
                state.notify_all()
            # Returns when the client closes its side.
            self.rfile.read(1)
            with state:
                aborted += 1
                state.notify_all()
            self.close_connection = True
        elif kind == "await-hanging":
            self.wait_for(lambda: hanging >= int(rest[0]))
        elif kind == "await-aborted":
            self.wait_for(lambda: aborted >= int(rest[0]))
        elif kind == "connections":
            self.answer(200, str(connections).encode())
        else:
            self.answer(404)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 1:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1])
    server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
