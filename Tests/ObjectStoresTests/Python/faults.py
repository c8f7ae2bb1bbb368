"""A proxy before an S3 server that does what networks and servers do on bad days.

    faults.py UPSTREAM-PORT prints the port it listens on, and serves until it is killed.

Faults are ordered by POST /_faults with a JSON list; each is used once, by the first request that it fits:
    {"kind": "cut", "after": N}                        ends the connection after N bytes of the answer's body
    {"kind": "cut", "parts": N}                        ends it after an Nth of the whole object, if more is to come
    {"kind": "answer", "status": 503, "headers": {}, "body": "..."}    answers so, without asking the server
    {"kind": "hold"}                                   lets the request wait until the next order of faults
    {"kind": "hold", "asked": true}                    asks the server, and lets its answer wait so
With each:
    {"method": "GET"}                                  only for this method
    {"of": "object"}                                   only GETs of objects, or of a "listing"
    {"credential": "AKID"}                             only what is signed with this key
    {"clock": N}                                       only what is signed 15 minutes or more off the time N seconds from now
    {"skip": N}                                        not for the first N requests that fit
    {"every": N}                                       for each Nth request that fits, and never used up
    {"delay": S}                                       S seconds later
"$DATE+N" and "$DATE-N" in a header stand for the HTTP date N seconds from now. GET /_requests tells what came: each
request with when it came, when its answer began and ended, the index of the fault that it met, and whether it waits.
"""

import asyncio
import datetime
import email.utils
import json
import re
import sys
import time

faults = []
requests = []
ordered = asyncio.Event()


async def read_head(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    return first, [tuple(part.strip() for part in line.split(":", 1)) for line in lines]


def value(headers, name, default=None):
    return next((v for k, v in headers if k.lower() == name), default)


async def read_body(reader, headers):
    length = int(value(headers, "content-length", "0"))
    return await reader.readexactly(length) if length else b""


def dated(text):
    return re.sub(
        r"\$DATE([+-]\d+)", lambda m: email.utils.formatdate(time.time() + int(m[1]), usegmt=True), str(text)
    )


def plain(writer, status, body, headers=()):
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *(f"{k}: {dated(v)}" for k, v in headers)]
    writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)


def signed_at(headers):
    stamp = value(headers, "x-amz-date")
    if stamp is None:
        return time.time()
    return datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc).timestamp()


def fits(fault, method, target, headers):
    path, _, query = target.partition("?")
    kind = None if method != "GET" else "listing" if "list-type" in query else "object" if "/" in path[1:] else None
    return (
        fault.get("method", method) == method
        and fault.get("of", kind) == kind
        and f"Credential={fault.get('credential', '')}" in value(headers, "authorization", "Credential=")
        and ("clock" not in fault or abs(time.time() + fault["clock"] - signed_at(headers)) >= 900)
    )


def take(method, target, headers):
    for fault in faults:
        if fault.get("used") or not fits(fault, method, target, headers):
            continue
        fault["met"] = fault.get("met", 0) + 1
        beyond = fault["met"] - fault.get("skip", 0)
        if beyond < 1 or beyond % fault.get("every", 1):
            continue
        fault["used"] = "every" not in fault
        return fault
    return None


def limit(fault, headers):
    """After how many bytes of a body the connection ends; None for never."""
    if fault is None or fault["kind"] == "hold":
        return None
    if "after" in fault:
        return fault["after"]
    size = value(headers, "content-range", "").rpartition("/")[2] or value(headers, "content-length", "0")
    share = -(-int(size) // fault["parts"])
    return share if share < int(value(headers, "content-length", "0")) else None


async def hold(request):
    request["held"] = True
    await ordered.wait()


async def relay(first, headers, body, writer, fault, request, upstream):
    """Passes one exchange on, and ends the connection."""
    reader, server = await asyncio.open_connection("127.0.0.1", upstream)
    try:
        kept = [(k, v) for k, v in headers if k.lower() not in ("connection", "expect")]
        lines = [first, *(f"{k}: {v}" for k, v in kept), "Connection: close"]
        server.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        await server.drain()
        status, answer = await read_head(reader)
        if fault and fault["kind"] == "hold" and fault.get("asked"):
            await hold(request)
        lines = [status, *(f"{k}: {v}" for k, v in answer if k.lower() != "connection"), "Connection: close"]
        writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")
        left = limit(fault, answer)
        while left is None or left > 0:
            chunk = await reader.read(65536 if left is None else min(65536, left))
            if not chunk:
                return
            writer.write(chunk)
            await writer.drain()
            left = None if left is None else left - len(chunk)
    finally:
        server.close()


async def serve(reader, writer, upstream):
    global ordered
    try:
        while True:
            first, headers = await read_head(reader)
            method, target, _ = first.split(" ")
            if value(headers, "expect", "").lower() == "100-continue":
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = await read_body(reader, headers)
            if target == "/_faults":
                faults[:] = json.loads(body)
                requests.clear()
                ordered.set()
                ordered = asyncio.Event()
                plain(writer, 200, b"")
                continue
            if target == "/_requests":
                left = sum(not fault.get("used") for fault in faults)
                plain(writer, 200, json.dumps({"requests": requests, "left": left}).encode())
                continue
            fault = take(method, target, headers)
            request = {"method": method, "target": target, "headers": {k.lower(): v for k, v in headers}}
            request["came"] = time.monotonic()
            request["fault"] = faults.index(fault) if fault else None
            requests.append(request)
            if fault and "delay" in fault:
                await asyncio.sleep(fault["delay"])
            if fault and fault["kind"] == "hold" and not fault.get("asked"):
                await hold(request)
            request["answered"] = time.monotonic()
            try:
                if fault and fault["kind"] == "answer":
                    text = b"" if method == "HEAD" else fault.get("body", "").encode()
                    plain(writer, fault["status"], text, fault.get("headers", {}).items())
                    await writer.drain()
                    continue
                await relay(first, headers, body, writer, fault, request, upstream)
                return
            finally:
                request["ended"] = time.monotonic()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    upstream = int(sys.argv[1])
    server = await asyncio.start_server(lambda r, w: serve(r, w, upstream), "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
