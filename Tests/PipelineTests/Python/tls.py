"""Takes TLS connections on a free port and tells how many bytes came over each: tls.py CERTIFICATE KEY."""

import socket
import ssl
import sys

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
while True:
    connection, _ = listening.accept()
    try:
        with context.wrap_socket(connection, server_side=True) as encrypted:
            count = 0
            while received := encrypted.recv(4096):
                count += len(received)
            print(count, "bytes", flush=True)
    except OSError as error:
        print("refused:", error, flush=True)
