"""Opens streams of the status and holds them: streams.py PORT COUNT."""

import signal
import socket
import sys

port, count = int(sys.argv[1]), int(sys.argv[2])
streams = []
for _ in range(count):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(b"GET /v1/status/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
    head = connection.recv(4096)
    if b" 200 " not in head:
        sys.exit(f"refused: {head.decode()}")
    streams.append(connection)
print("open", flush=True)
signal.pause()
