"""Answers ListObjectsV2 from arithmetic: a server that has as good as no work; listing_server.py KEYS

Its bucket, whatever its name, has KEYS keys; the first line that it prints is its port.
"""

import http.server
import sys
import urllib.parse

KEYS = int(sys.argv[1])


def entry(index):
    return (
        f"<Contents><Key>flight-{index // 1000:05d}/IMG_{index % 1000:04d}.JPG</Key>"
        f"<LastModified>2026-03-01T10:00:00.000Z</LastModified><ETag>&quot;{index:032x}&quot;</ETag>"
        "<Size>8700000</Size><StorageClass>STANDARD</StorageClass></Contents>"
    )


def page(start, limit):
    end = min(start + limit, KEYS)
    more = f"<NextContinuationToken>{end}</NextContinuationToken>" if end < KEYS else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>bench</Name><Prefix></Prefix><MaxKeys>{limit}</MaxKeys><EncodingType>url</EncodingType>"
        f"<IsTruncated>{'true' if more else 'false'}</IsTruncated><KeyCount>{end - start}</KeyCount>{more}"
        f"{''.join(map(entry, range(start, end)))}</ListBucketResult>"
    ).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one piece.
    wbufsize = 1 << 20
    disable_nagle_algorithm = True

    def do_GET(self):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        body = page(int(query.get("continuation-token", 0)), min(int(query.get("max-keys", 1000)), 1000))
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
