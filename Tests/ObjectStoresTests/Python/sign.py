"""Makes odd requests and signs them with botocore: sign.py SEED COUNT prints one JSON object a line."""

import datetime
import json
import random
import sys
from unittest import mock
from urllib.parse import quote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

PIECES = [
    "a", "Z", "0", "-", "_", ".", "~", " ", "  ", "+", "*", "'", "(", ")", "!", "$", "&", ",", ";", ":", "=", "@",
    "#", "?", "%", "%20", "%2F", "/", "//", "./", "../", "/./", "é", "e\u0301", "ሴ", "日本", "😀", "\t", "\u00a0",
    "\\", '"', "<", ">", "[", "]", "^", "`", "{", "|", "}", "\u007f", "DJI_0001.JPG",
]
TIME = datetime.datetime(2026, 3, 1, 9, 30, 0, tzinfo=datetime.timezone.utc)


def text(dice, most):
    return "".join(dice.choice(PIECES) for _ in range(dice.randint(0, most)))


def clock(*arguments, **named):
    # Some versions of botocore want a time without its zone.
    return TIME.replace(tzinfo=None) if named.get("remove_tzinfo", True) else TIME


def sign(dice):
    service = dice.choice(["s3", "s3", "s3", "sqs", "sts"])
    region = dice.choice(["us-east-1", "eu-central-1", "auto", "cn-north-1"])
    host = dice.choice(["bucket.s3.amazonaws.com", "127.0.0.1:9000", "example.com"])
    method = dice.choice(["GET", "PUT", "HEAD", "POST", "DELETE"])
    path = "/" + quote(text(dice, 8).lstrip("/"), safe="/~")
    query = [[text(dice, 3) or "q", text(dice, 4)] for _ in range(dice.randint(0, 5))]
    headers = [["X-Amz-Meta-Odd", "  " + "a  b\t c "]] if dice.random() < 0.3 else []
    if dice.random() < 0.3:
        headers.append(["If-Match", '"0123456789abcdef"'])
    if dice.random() < 0.3:
        headers.append(["Range", "bytes=10-"])
    body = text(dice, 6) if method in ("PUT", "POST") else ""
    token = "token/+=" if dice.random() < 0.5 else None
    url = f"https://{host}{path}"
    if query:
        url += "?" + "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in query)
    request = AWSRequest(method=method, url=url, headers=dict(headers), data=body.encode())
    # botocore leaves the body out of what it signs over TLS, unless told.
    request.context["payload_signing_enabled"] = True
    request.context["client_config"] = None
    maker = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
    maker(Credentials("AKIDEXAMPLE", "secret/+key", token), service, region).add_auth(request)
    return {
        "service": service, "region": region, "host": host, "method": method, "path": path, "query": query,
        "headers": headers, "body": body, "token": token, "authorization": request.headers["Authorization"],
    }


def main():
    dice = random.Random(int(sys.argv[1]))
    with mock.patch("botocore.auth.get_current_datetime", clock, create=True):
        for _ in range(int(sys.argv[2])):
            print(json.dumps(sign(dice)))


main()
