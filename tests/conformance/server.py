"""What Connect's conformance suite starts as its server: `server.py PORT`, where a gateway listens already.

The suite says on standard input what it needs, and reads on standard output where that is: a message of
server_compat.proto each, after its length in four bytes.
"""

import signal
import sys


def main(port: int) -> None:
    """Answers with the port, and runs until it is told to end."""
    size = int.from_bytes(sys.stdin.buffer.read(4), "big")
    sys.stdin.buffer.read(size)
    message = b"\x0a\x09127.0.0.1\x10" + _varint(port)  # ServerCompatResponse: host = 1, port = 2
    sys.stdout.buffer.write(len(message).to_bytes(4, "big") + message)
    sys.stdout.buffer.flush()
    signal.pause()


def _varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])


if __name__ == "__main__":
    main(int(sys.argv[1]))
