"""Sends a request a byte at a time until it is cut off: slow.py PORT TOKEN head|body. Prints what came back."""

import socket
import sys
import time

port, token, part = int(sys.argv[1]), sys.argv[2], sys.argv[3]
head = (
    "POST /v1/observations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    f"Authorization: Bearer {token}\r\nContent-Length: 100000\r\n"
).encode()
connection = socket.create_connection(("127.0.0.1", port))
connection.sendall(head)
answer = b""
if part == "body":
    connection.sendall(b"\r\n")
else:
    connection.sendall(b"X-Slow: ")
connection.settimeout(0.1)
start = time.monotonic()
while time.monotonic() - start < 300:
    try:
        connection.sendall(b"x")
        received = connection.recv(4096)
        if not received:
            break
        answer += received
    except socket.timeout:
        continue
    except OSError:
        # Cut off while a byte was on its way, which may cost the answer.
        answer += b"reset"
        break
else:
    sys.exit("nobody hung up")
print(answer.decode())
