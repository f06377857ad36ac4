"""One real node with one application, for tests of scripts and documents."""
import contextlib
import http.server
import json
import pathlib
import shutil
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
from plenary_lab import Child, application_config, wait_until  # noqa: E402

NUMBER = "+15551230002"
API_KEY = "mv_test_one_node_0001"
OPERATOR_KEY = "operator_of_one_node_0001"


class Customer:
    """A customer's server: answers `/answer` and everything else, and keeps every request whole."""

    def __init__(self):
        self.requests = []      # (path, headers, body)
        self.changed = threading.Condition()
        self.instructions = (200, {"actions": [{"type": "conference", "room": "daily"}]})
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.keep(self.path, dict(self.headers), body)
                status, answer = (200, {})
                if not self.path.startswith("/webhooks"):
                    given = outer.instructions
                    status, answer = given(self.path) if callable(given) else given
                data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def keep(self, path, headers, body):
        with self.changed:
            self.requests.append((path, headers, body))
            self.changed.notify_all()

    def events(self, name=None):
        """The events that came, of this name."""
        told = [json.loads(body) for path, _, body in list(self.requests) if path.startswith("/webhooks")]
        return [each for each in told if name in (None, each["event"])]

    def wait_for_event(self, name, count=1, seconds=15):
        wait_until(lambda: len(self.events(name)) >= count, seconds)
        return self.events(name)[count - 1]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Node:
    """A plenaryd of its own folder on free ports."""

    def __init__(self, program, folder, application, lines=""):
        self.folder = pathlib.Path(folder)
        (self.folder / "plenary.toml").write_text(f"""[node]
name = "node-a"
data_dir = "data"
[sip]
listen = ["udp:127.0.0.1:0", "tcp:127.0.0.1:0"]
answer_strangers = true
[media]
address = "127.0.0.1"
[http]
listen = "127.0.0.1:0"
operator_key = "{OPERATOR_KEY}"
[http_client]
allow_networks = ["127.0.0.0/8"]
{lines}
{application}
""")
        self.child = Child("plenaryd", [str(program), "--config", str(self.folder / "plenary.toml")], self.folder)
        self.child.wait_for('"event":"ready"', 20)
        edges = self.child.listening()
        self.sip, self.http = edges["sip_udp"], edges["http"]

    def log(self):
        """Every line of the log as an object."""
        return [json.loads(line) for line in list(self.child.lines) if line.startswith("{")]

    def end(self):
        return self.child.end()


@contextlib.contextmanager
def running(program, secret="whsec_c2VjcmV0LW9mLW9uZS1ub2Rl", lines="", application=""):
    """A customer's server and a node that asks it, until the end of the block."""
    folder = tempfile.mkdtemp(prefix="plenary-one-node-")
    customer = Customer()
    node = None
    try:
        config = application_config("demo", NUMBER, (API_KEY, secret), customer.url, ["room.*", "participant.*"])
        config = config.replace('inbound_ips = ["127.0.0.1"]', 'inbound_ips = ["127.0.0.0/25"]')
        if application:
            config = config.replace('[[did]]', application + '\n[[did]]', 1)
        node = Node(program, folder, config, lines)
        yield customer, node
    finally:
        if node is not None:
            node.end()
        customer.close()
        shutil.rmtree(folder, ignore_errors=True)
