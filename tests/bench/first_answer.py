"""Start the mock, get one 200, stop it: run as a process of its own so that its children's CPU can be read.

The client is a bare socket, so that what is measured is the server.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys


def main(data_dir: str) -> None:
    """Start, ask once, stop."""
    command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--data-dir", data_dir]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    port = json.loads(process.stdout.readline())["port"]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /v1/version HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        assert b" 200 " in connection.recv(4096)
    process.terminate()
    process.wait(20)


if __name__ == "__main__":
    main(sys.argv[1])
