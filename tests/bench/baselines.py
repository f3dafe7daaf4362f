"""The things the budgets are measured against, each as small as it can be.

Run as ``python baselines.py starlette BODY_FILE``: a one-route Starlette app on uvicorn
that answers a GET with the bytes of the file, and a POST likewise after reading the body.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def starlette(body: bytes) -> None:
    """Serve ``body`` on a free port; print one JSON line when bound."""

    async def get(_: Request) -> Response:
        return Response(body, media_type="application/json")

    async def post(request: Request) -> Response:
        await request.body()
        return Response(body, media_type="application/json")

    app = Starlette(routes=[Route("/v1/runs/{run_id}", get), Route("/v1/run/tasks", post, methods=["POST"])])
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    port = listener.getsockname()[1]
    print(json.dumps({"url": f"http://127.0.0.1:{port}", "port": port}), flush=True)
    config = uvicorn.Config(app, log_level="warning", access_log=False, loop="uvloop", http="httptools")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    starlette(Path(sys.argv[2]).read_bytes())
