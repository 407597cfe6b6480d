"""A mail server that takes every letter and keeps none: what W7 delivers to, never the bottleneck itself.

python bench/smtp_sink.py PORT

Says `ready PORT` on stdout once it listens (port 0: any free one) and, ended by SIGTERM, how many letters came.
It offers PIPELINING and answers what came in one packet with one packet, as mail servers do. One thread a connection.
"""

from __future__ import annotations

import signal
import socket
import sys
import threading

HELLO = b"250-sink\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
ANSWERS = {
    b"EHLO": HELLO,
    b"HELO": b"250 sink\r\n",
    b"MAIL": b"250 2.1.0 Ok\r\n",
    b"RCPT": b"250 2.1.5 Ok\r\n",
    b"DATA": b"354 End data with <CR><LF>.<CR><LF>\r\n",
    b"RSET": b"250 2.0.0 Ok\r\n",
    b"NOOP": b"250 2.0.0 Ok\r\n",
    b"QUIT": b"221 2.0.0 Bye\r\n",
}
END = b"\r\n.\r\n"


class Sink:
    """Counts letters."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port = self.socket.getsockname()[1]
        self.letters = 0
        self._lock = threading.Lock()

    def serve(self) -> None:
        """Takes connections until the process ends."""
        while True:
            connection, _ = self.socket.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            connection.sendall(b"220 sink ESMTP\r\n")
            buffer, inside, number = b"", False, 0
            while data := connection.recv(262_144):
                buffer += data
                answers = []
                while True:
                    if inside:
                        place = buffer.find(END)
                        if place < 0:
                            break
                        buffer, inside, number = buffer[place + 5 :], False, number + 1
                        answers.append(b"250 2.0.0 Ok: queued as %X\r\n" % number)
                        with self._lock:
                            self.letters += 1
                        continue
                    line, found, rest = buffer.partition(b"\r\n")
                    if not found:
                        break
                    buffer, verb = rest, line[:4].upper()
                    answers.append(ANSWERS.get(verb, b"502 5.5.2 What?\r\n"))
                    inside = verb == b"DATA"
                if answers:
                    connection.sendall(b"".join(answers))


def main() -> None:
    """Serves until SIGTERM."""
    sink = Sink(int(sys.argv[1]) if len(sys.argv) > 1 else 0)

    def end(_signal: int, _frame: object) -> None:
        print(f"{sink.letters} letters", flush=True)
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    print(f"ready {sink.port}", flush=True)
    sink.serve()


if __name__ == "__main__":
    main()
