"""Receives webhooks on loopback: receiver.py PORT FILE [STATUS]...

Prints the port that it listens on, appends each request to FILE as a line of JSON, and answers with the statuses in
turn, then with 200.
"""
import http.server
import json
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    statuses = [int(text) for text in sys.argv[3:]]

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        with open(sys.argv[2], "a") as file:
            file.write(json.dumps({"path": self.path, "headers": headers, "body": body}) + "\n")
        self.send_response(self.statuses.pop(0) if self.statuses else 200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
print(server.server_port, flush=True)
server.serve_forever()
