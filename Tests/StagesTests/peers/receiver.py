"""Receives notifications, and misbehaves as the path says: receiver.py FILE [CERTIFICATE KEY]

Prints the port on loopback. Appends each request to FILE as a line of JSON. Speaks TLS where a certificate is given.

/ok            200
/hour/T        500 until the request says that it is sent at T (seconds since 1970) or later
/random/SEED   one of: 200, 500, 503, no answer at all, the connection closed before the end of the request
/hang          never answers
/slow          answers a byte at a time, for ever
/close         closes the connection before it has read the body
/big           200, and 10 MB
/redirect      302 to /ok
/gone          410
/past          429 with a Retry-After in the past, once for each webhook-id, then 200
/later         429 with Retry-After: 7200 to the first request, then 200
/flaps         429 with Retry-After: 1, 200, 429 with Retry-After: 3600, then 200
/echo          400, and all headers of the request as the body
/garbage       no HTTP
"""
import asyncio
import json
import random
import ssl
import sys

log = open(sys.argv[1], "a", buffering=1)
seen = set()
flaps = []
dice = random.Random(7)


def answer(status, body=b"", *headers):
    lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def choose(path, headers, writer):
    kind = path.split("/")[1]
    ident, sent = headers.get("webhook-id"), int(headers.get("webhook-timestamp", "0"))
    first, alone = (kind, ident) not in seen, not any(other == kind for other, _ in seen)
    seen.add((kind, ident))
    if kind == "hour":
        return answer(200 if sent >= int(path.split("/")[2]) else 500, b"try later")
    if kind == "random":
        throw = dice.random()
        if throw < 0.2:
            return None
        return answer(200 if throw < 0.7 else 500 if throw < 0.85 else 503)
    if kind == "hang":
        await asyncio.sleep(3600)
    if kind == "slow":
        for byte in answer(200, b"x" * 1000):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.05)
    if kind == "big":
        return answer(200, b"x" * 10_000_000)
    if kind == "redirect":
        return answer(302, b"", "location: /ok")
    if kind == "gone":
        return answer(410, b"no such hook")
    if kind == "past":
        return answer(429, b"", "retry-after: Sun, 06 Nov 1994 08:49:37 GMT") if first else answer(200)
    if kind == "later":
        return answer(429, b"", "retry-after: 7200") if alone else answer(200)
    if kind == "flaps":
        flaps.append(ident)
        waits = {1: "1", 3: "3600"}
        wait = waits.get(len(flaps))
        return answer(429, b"", "retry-after: " + wait) if wait else answer(200)
    if kind == "echo":
        return answer(400, json.dumps(headers).encode())
    if kind == "garbage":
        return b"\x00\x01garbage\r\n\r\n"
    return answer(200)


async def serve(reader, writer):
    try:
        while line := await reader.readline():
            path = line.split()[1].decode()
            headers = {}
            while (line := await reader.readline()).strip():
                name, _, value = line.decode().partition(":")
                headers[name.lower()] = value.strip()
            if path.startswith("/close"):
                log.write(json.dumps({"path": path, "headers": headers}) + "\n")
                return
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            reply = await choose(path, headers, writer)
            status = int(reply.split()[1]) if reply and reply.startswith(b"HTTP") else 0
            line = {"path": path, "headers": headers, "body": body.decode(), "status": status}
            log.write(json.dumps(line) + "\n")
            if reply is None:
                return
            writer.write(reply)
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def main():
    context = None
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
