"""Asks for so many plans, one after the other, and hangs up on each before it can be there: hasty.py PORT COUNT."""

import socket
import sys

port, count = int(sys.argv[1]), int(sys.argv[2])
body = b'{"settings": {"tile_size": "128"}}'
head = (
    "POST /v1/reprocess/plan HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(body)}\r\n\r\n"
).encode()
hung = 0
for _ in range(count):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head + body)
        connection.settimeout(0.02)
        try:
            connection.recv(1)
        except socket.timeout:
            hung += 1
print(hung, "hung up")
