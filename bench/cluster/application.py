"""The customer of bench/cluster_bench: puts each caller into the room that the caller's own name tells (ROOM--N)."""
import http.server
import json
import re


class Application(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # header and body in one segment: no waiting for an acknowledgement between them
    disable_nagle_algorithm = True

    def do_POST(self):
        document = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        answer = {}
        if self.path == "/answer":
            room = re.search(r"([a-z0-9-]+?)--\d+", document["call"]["from"]).group(1)
            answer = {"actions": [{"type": "conference", "room": room}]}
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256  # hundreds of callers may arrive at once


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Application)
    print(f"listening on http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
