"""Reads a file of a dataset's revision through dvc.api, as training code does: open_by_api.py REPOSITORY REVISION PATH

Prints the MD5 of what dvc.api.open gives, whether dvc.api.read gives the same, and the parameters of the revision.
"""
import hashlib
import json
import sys

import dvc.api

repository, revision, path = sys.argv[1:]
with dvc.api.open(path, repo=repository, rev=revision, mode="rb") as file:
    opened = file.read()
read = dvc.api.read(path, repo=repository, rev=revision, mode="rb")
print(json.dumps({
    "md5": hashlib.md5(opened).hexdigest(),
    "agree": opened == read,
    "params": dvc.api.params_show(repo=repository, rev=revision),
}))
