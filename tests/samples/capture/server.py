"""A capture server for OTLP/HTTP: saves request bodies as they came.

    python3 server.py FOLDER [PORT]

A body posted to /v1/traces, /v1/metrics or /v1/logs becomes FOLDER/PRODUCER-SIGNAL[-N].pb or
.json; the producer is told by the header x-producer, the number counts further bodies.
"""

import gzip
import pathlib
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER = pathlib.Path(sys.argv[1])
PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 4318


class Capture(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.body()
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        signal = self.path.rsplit("/", 1)[-1]
        json = "json" in self.headers.get("content-type", "")
        stem = f"{self.headers.get('x-producer', 'unknown')}-{signal}"
        suffix = ".json" if json else ".pb"
        path, n = FOLDER / (stem + suffix), 1
        while path.exists():
            n += 1
            path = FOLDER / f"{stem}-{n}{suffix}"
        path.write_bytes(body)
        self.send_response(200)
        self.send_header("content-type", self.headers.get("content-type"))
        answer = b"{}" if json else b""
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def body(self):
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers["content-length"]))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def log_message(self, *_):
        pass


FOLDER.mkdir(parents=True, exist_ok=True)
ThreadingHTTPServer(("127.0.0.1", PORT), Capture).serve_forever()
