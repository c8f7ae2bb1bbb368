"""Receives webhooks: prints its port, then one line `path webhook-id sha256-of-body x-run` for each request.

receiver.py DIR: while a request for /NAME waits for its answer, the file DIR/NAME-told is there. The answer takes a moment, in
which the sender can be killed.
"""

import hashlib
import http.server
import os
import sys
import threading
import time

DIRECTORY = sys.argv[1]
MOMENT = 0.03
LOCK = threading.Lock()
waiting = {}


def wait(name, step):
    """Counts those that wait, and says by a file whether any does."""
    with LOCK:
        waiting[name] = waiting.get(name, 0) + step
        path = os.path.join(DIRECTORY, f"{name}-told")
        if waiting[name]:
            open(path, "w").close()
        elif os.path.exists(path):
            os.remove(path)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        name = self.path.strip("/")
        with LOCK:
            digest = hashlib.sha256(body).hexdigest()
            print(self.path, self.headers["webhook-id"], digest, self.headers["x-run"], flush=True)
        wait(name, 1)
        try:
            time.sleep(MOMENT)
            self.send_response(204)
            self.end_headers()
        except ConnectionError:
            pass
        finally:
            wait(name, -1)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
