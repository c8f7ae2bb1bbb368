"""Verifies the signature in a dataset commit's trailers with OpenSSL: verify_trailer.py KEY MESSAGE"""
import base64
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

name, number, public = sys.argv[1].split("+", 2)
trailers = dict(line.split(": ", 1) for line in sys.argv[2].splitlines() if line.startswith("Swathlog-"))
size, root = trailers["Swathlog-Log-Head"].split()
signer, signature = trailers["Swathlog-Log-Signature"].split()
signature = base64.b64decode(signature)
if signer != name or signature[:4].hex() != number:
    sys.exit("another key")
text = f"{name}\n{size}\n{base64.b64encode(bytes.fromhex(root)).decode()}\n"
Ed25519PublicKey.from_public_bytes(base64.b64decode(public)[1:]).verify(signature[4:], text.encode())
print("good", size)
