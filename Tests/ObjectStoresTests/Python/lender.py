"""Lends credentials as a machine's metadata service and a container's agent do: prints its port, serves until killed.

GET /_asked tells how often credentials were asked for.
"""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

asked = {"machine": 0, "container": 0, "tokens": 0}
lock = threading.Lock()


class Lender(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def lend(self, place, key):
        with lock:
            asked[place] += 1
            count = asked[place]
        expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        lent = {"AccessKeyId": key, "SecretAccessKey": f"secret-{count}", "Token": "token", "Expiration": expires}
        if place == "machine":
            lent["Code"] = "Success"
        self.answer(200, json.dumps(lent))

    def do_PUT(self):
        if self.path == "/latest/api/token" and self.headers.get("X-aws-ec2-metadata-token-ttl-seconds"):
            asked["tokens"] += 1
            return self.answer(200, "session-token")
        return self.answer(404, "")

    def do_GET(self):
        place = "/latest/meta-data/iam/security-credentials/"
        if self.path == "/_asked":
            return self.answer(200, json.dumps(asked))
        if self.path.startswith(place):
            if self.headers.get("X-aws-ec2-metadata-token") != "session-token":
                return self.answer(401, "")
            return self.answer(200, "pilot role\n") if self.path == place else self.lend("machine", self.path[len(place):])
        if self.path == "/container":
            if self.headers.get("Authorization") != "container-token":
                return self.answer(403, "")
            return self.lend("container", "AKIDCONTAINER")
        return self.answer(404, "")


server = ThreadingHTTPServer(("127.0.0.1", 0), Lender)
print(server.server_port, flush=True)
sys.stdout.flush()
server.serve_forever()
