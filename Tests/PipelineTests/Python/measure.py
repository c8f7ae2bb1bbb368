"""Runs a program and prints its peak memory in kilobytes and its exit status: measure.py PROGRAM ARGUMENT..."""
import resource
import subprocess
import sys

status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, status)
