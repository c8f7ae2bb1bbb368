"""Lists a bucket and does nothing with it, which shows what the server can do: bare_listing.py ENDPOINT BUCKET

Each page is read, searched for the token of the next, and dropped. Prints the keys as JSON.
"""

import http.client
import json
import re
import sys
import urllib.parse

NEXT = re.compile(rb"<NextContinuationToken>([^<]+)</NextContinuationToken>")


def main():
    address, bucket = urllib.parse.urlsplit(sys.argv[1]).netloc, sys.argv[2]
    connection = http.client.HTTPConnection(address)
    keys, token = 0, None
    while True:
        query = {"list-type": "2", "encoding-type": "url", "max-keys": "1000"}
        if token:
            query["continuation-token"] = token
        connection.request("GET", f"/{bucket}?{urllib.parse.urlencode(query)}")
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            sys.exit(f"{sys.argv[1]} answered {answer.status} to a listing of {bucket}")
        keys += body.count(b"<Contents>")
        found = NEXT.search(body)
        if not found:
            break
        token = found[1].decode()
    print(json.dumps({"listed": keys}))


main()
