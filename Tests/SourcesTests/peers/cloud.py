"""Calls AWS's own SDK: cloud.py ENDPOINT CALLS, a JSON list of [service, method, arguments]; prints the answers.

An argument BodyFile is the path of a file that is sent as Body.
"""

import functools
import json
import sys

import boto3
from botocore.config import Config

endpoint, calls = sys.argv[1], json.loads(sys.argv[2])


@functools.cache
def client(service):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required"),
    )


answers = []
for service, method, arguments in calls:
    path = arguments.pop("BodyFile", None)
    if path:
        with open(path, "rb") as file:
            arguments["Body"] = file.read()
    answers.append(getattr(client(service), method)(**arguments))
json.dump(answers, sys.stdout, default=str)
