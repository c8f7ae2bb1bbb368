"""Verifies requests by the public library: verify_webhook.py SECRET FILE

FILE holds a request a line, as receiver.py writes them. Each must verify, and must not with one byte of it changed.
"""
import json
import sys

from standardwebhooks import Webhook, WebhookVerificationError

secret = Webhook(sys.argv[1])
with open(sys.argv[2]) as file:
    requests = [json.loads(line) for line in file]
for request in requests:
    secret.verify(request["body"], request["headers"])
    try:
        secret.verify(request["body"].replace("committed", "Committed", 1), request["headers"])
    except WebhookVerificationError:
        continue
    sys.exit("a changed body was accepted")
print(len(requests))
