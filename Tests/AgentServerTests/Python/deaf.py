"""Asks for something, reads the beginning of the answer and takes no more of it: deaf.py PORT PATH."""

import signal
import socket
import sys

connection = socket.socket()
connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
connection.connect(("127.0.0.1", int(sys.argv[1])))
connection.sendall(f"GET {sys.argv[2]} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
print(connection.recv(64).decode(), flush=True)
signal.pause()
