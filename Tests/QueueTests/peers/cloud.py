"""Calls AWS's own SDK: cloud.py ENDPOINT CALLS, a JSON list of [service, method, arguments]; prints the answers."""

import json
import sys

import boto3

endpoint, calls = sys.argv[1], json.loads(sys.argv[2])
answers = []
for service, method, arguments in calls:
    client = boto3.client(
        service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="s"
    )
    answers.append(getattr(client, method)(**arguments))
json.dump(answers, sys.stdout, default=str)
