"""A receiver for the tests of HTTPTransfer: prints its port, serves until its standard input ends."""

import contextlib
import hashlib
import http.server
import ssl
import sys
import threading
import time

state = threading.Condition()
connections = 0
hanging = 0
aborted = 0
sent = 0
died = False

# Bytes whose value tells their place; the period is no power of two, so that a missing block shows.
PATTERN = bytes(range(251)) * 1044


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

    def send_bytes(self, count):
        global sent
        at = 0
        while at < count:
            block = PATTERN[at % 251 :][: count - at]
            self.wfile.write(block)
            at += len(block)
            with state:
                sent += len(block)
                state.notify_all()

    def begin_body(self, size):
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()

    def hang(self):
        global hanging, aborted
        with state:
            hanging += 1
            state.notify_all()
        # Returns when the client closes its side.
        try:
            self.rfile.read(1)
        except OSError:
            pass
        with state:
            aborted += 1
            state.notify_all()
        self.close_connection = True

    def handle_any(self):
        global died
        if self.path == "/deaf":
            # Takes nothing of the body, for longer than any client waits.
            with state:
                state.wait_for(lambda: False, timeout=60)
            return
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
            self.hang()
        elif kind == "stream":
            self.begin_body(int(rest[0]))
            self.send_bytes(int(rest[0]))
        elif kind == "cut":
            self.begin_body(int(rest[0]))
            self.send_bytes(int(rest[1]))
            self.close_connection = True
        elif kind == "stall":
            self.begin_body(int(rest[0]))
            # The client may have gone before all of it is sent, which counts as well.
            with contextlib.suppress(OSError):
                self.send_bytes(int(rest[1]))
            self.hang()
        elif kind == "trickle":
            self.begin_body(int(rest[0]))
            for at in range(int(rest[0])):
                time.sleep(float(rest[1]))
                self.wfile.write(PATTERN[at : at + 1])
        elif kind == "hop":
            left = int(rest[0])
            if left:
                self.answer(302, b"on", [("Location", f"/hop/{left - 1}")])
            else:
                self.answer(200, b"there")
        elif kind == "away":
            self.answer(302, b"", [("Location", f"http://localhost:{server.server_address[1]}/echo")])
        elif kind == "to-a-file":
            self.answer(302, b"", [("Location", "file:///etc/hostname")])
        elif kind == "die-once":
            with state:
                dies, died = not died, True
            if dies:
                self.close_connection = True
            else:
                self.answer(200, hashlib.sha256(body).hexdigest().encode())
        elif kind == "await-blocked":
            # Until nothing could be sent for so many seconds, because the client takes no more.
            with state:
                last = -1
                while last != sent:
                    last = sent
                    state.wait_for(lambda: sent != last, timeout=float(rest[0]))
            self.answer(200, str(sent).encode())
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
