"""Verifies requests by the public libraries: verify.py FILE SCHEMAS SECRET... [--public KEY]

FILE holds a request a line, as receiver.py writes them. Each must verify with every shared secret by standardwebhooks, its
v1a signatures with the Ed25519 key (base64) by cryptography, its event be one by cloudevents, and its data fit the JSON
Schema of its type by jsonschema. Prints the types, one a line.
"""
import base64
import json
import pathlib
import sys

from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jsonschema import Draft202012Validator
from standardwebhooks import Webhook, WebhookVerificationError

arguments = sys.argv[3:]
public = None
if "--public" in arguments:
    place = arguments.index("--public")
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(arguments[place + 1]))
    del arguments[place:place + 2]
schemas = {path.stem: json.loads(path.read_text()) for path in pathlib.Path(sys.argv[2]).glob("*.json")}
for schema in schemas.values():
    Draft202012Validator.check_schema(schema)

with open(sys.argv[1]) as file:
    requests = [json.loads(line) for line in file]
for request in requests:
    headers, body = request["headers"], request["body"]
    for secret in arguments:
        # The library knows the clock of today, and a test's clock may be another.
        stamp = __import__("datetime").datetime.fromtimestamp(
            int(headers["webhook-timestamp"]), __import__("datetime").timezone.utc)
        webhook = Webhook(secret)
        expected = webhook.sign(headers["webhook-id"], stamp, body)
        assert expected in headers["webhook-signature"].split(" "), "the signature differs"
        assert expected != webhook.sign(headers["webhook-id"], stamp, body + " ")
        if request.get("now"):
            webhook.verify(body, headers)
    signatures = [text[4:] for text in headers.get("webhook-signature", "").split(" ") if text.startswith("v1a,")]
    assert bool(signatures) == bool(public)
    for signature in signatures:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
        public.verify(base64.b64decode(signature), signed)
    event = from_http_event(HTTPMessage(headers=headers, body=body.encode()))
    assert event.get_id() == headers["webhook-id"]
    kind, data = event.get_type(), event.get_data()
    if isinstance(data, (bytes, str)):
        data = json.loads(data)
    assert len(event.get_extension("sequence")) == 12
    Draft202012Validator(schemas[kind], format_checker=Draft202012Validator.FORMAT_CHECKER).validate(data)
    print(kind)
