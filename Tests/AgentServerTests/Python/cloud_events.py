"""Pushes CloudEvents about objects as the `cloudevents` package builds them: cloud_events.py MODE URL TOKEN KEY..."""

import sys

import requests
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

mode, url, token, *keys = sys.argv[1:]


def event(key):
    return CloudEvent(
        attributes={
            "id": f"id-{key}",
            "source": "/stores/flights",
            "type": "com.amazonaws.s3.ObjectCreated:Put",
            "subject": key,
            "datacontenttype": "application/json",
        },
        data={"bucket": "flights", "key": key, "size": 7, "etag": "0f343b0931126a20f133d67c2b018a3b"},
    )


if mode == "batched":
    parts = [to_structured_event(event(key)).body for key in keys]
    headers, body = {"content-type": "application/cloudevents-batch+json"}, b"[" + b",".join(parts) + b"]"
else:
    (key,) = keys
    message = (to_binary_event if mode == "binary" else to_structured_event)(event(key))
    headers, body = message.headers, message.body

answer = requests.post(url, data=body, headers={**headers, "Authorization": f"Bearer {token}"}, timeout=60)
print(answer.status_code, answer.text)
