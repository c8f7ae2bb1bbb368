"""Changes one thing of a proof, and keeps its form: forge_proof.py WHAT FILE PROOF"""
import base64
import json
import sys

what, file, proof = sys.argv[1:]
head, _, note = proof.partition("\n\n")
header, extra, index, *path = head.split("\n")
text, _, signature = note.rpartition("\n\n")


def flip(line):
    data = base64.b64decode(line)
    return base64.b64encode(data[:-1] + bytes([data[-1] ^ 1])).decode()


if what == "payload":
    record = json.loads(base64.b64decode(extra[6:]))
    record["payload"] = record["payload"].replace("1", "2", 1)
    extra = "extra " + base64.b64encode(json.dumps(record).encode()).decode()
elif what == "index":
    index = f"index {int(index[6:]) + 1}"
elif what == "path":
    path[-1] = flip(path[-1])
elif what == "root":
    name, size, root = text.split("\n")
    text = "\n".join([name, size, flip(root)])
elif what == "signature":
    dash, name, value = signature.rstrip("\n").split(" ")
    signature = f"{dash} {name} {flip(value)}\n"
elif what != "key":
    sys.exit(f"unknown: {what}")
with open(file, "w") as out:
    out.write("\n".join([header, extra, index, *path]) + "\n\n" + text + "\n\n" + signature)
