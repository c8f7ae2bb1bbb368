"""Runs a program whose standard output is a pipe: `gone`, with nobody at its end, or `slow`, read byte by byte, that does
not wait. Ends as the program does."""

import fcntl
import os
import subprocess
import sys

SET_PIPE_SIZE = 1031

how, *command = sys.argv[1:]
reader, writer = os.pipe()
if how == "gone":
    os.close(reader)
    # Python ignores SIGPIPE, and so does what it starts: the write itself fails.
    sys.exit(subprocess.run(command, stdout=writer, restore_signals=False).returncode)
fcntl.fcntl(writer, SET_PIPE_SIZE, 4096)
os.set_blocking(writer, False)
program = subprocess.Popen(command, stdout=writer)
os.close(writer)
while byte := os.read(reader, 1):
    sys.stdout.buffer.write(byte)
sys.exit(program.wait())
