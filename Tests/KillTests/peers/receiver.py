"""Receives webhooks: prints its port, then one line `path webhook-id sha256-of-body` for each request.

With a gate, answers nothing until the file of that name is there.
"""

import hashlib
import http.server
import os
import sys
import threading
import time

GATE = sys.argv[1] if len(sys.argv) > 1 else None
PRINTING = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        with PRINTING:
            print(self.path, self.headers["webhook-id"], hashlib.sha256(body).hexdigest(), flush=True)
        while GATE and not os.path.exists(GATE):
            time.sleep(0.01)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
