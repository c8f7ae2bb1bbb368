"""moto_server with queues that serve requests one after the other; takes moto_server's arguments.

moto answers each request in a thread of its own and guards a queue only where a message is added: two requests at the
same time can receive one message twice, or bring back or lose one beside a deletion. SQS does not do that to requests
of one reader, and tests that count messages would see it now and then on a busy machine.
"""

import functools
import sys

from moto.server import main
from moto.sqs.models import SQSBackend


def alone(method):
    """The queue's own condition is held; waiting for messages lets go of it."""

    @functools.wraps(method)
    def held(self, queue_name, *arguments, **options):
        with self.get_queue(queue_name)._messages_lock:
            return method(self, queue_name, *arguments, **options)

    return held


for name in ("receive_message", "delete_message", "change_message_visibility"):
    setattr(SQSBackend, name, alone(getattr(SQSBackend, name)))

sys.exit(main(sys.argv[1:]))
