"""What an operator copies from cluster-config/ must hold together, with the program and with docs/operations.md.

usage: cluster_config_test.py PLENARYD
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest

import yaml

ROOT = pathlib.Path(__file__).parents[2]
FILES = ROOT / "cluster-config"
THREE = FILES / "three-node"
NODES = ["node-a", "node-b", "node-c"]
OWN_OPTIONS = {
    ("node", "name"), ("sip", "listen"), ("media", "address"), ("http", "listen"), ("cluster", "listen"),
    ("cluster", "certificate_file"), ("cluster", "key_file"),
}
# Families of the catalogue that stand on no panel, and why.
NOT_ON_THE_BOARD = {
    "process_virtual_memory_bytes": "what is reserved says nothing: the resident memory stands there",
}
PLENARYD = None


def run(arguments, **how):
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **how)
    return done.returncode, done.stdout


def catalogue():
    """Metric names with their labels' values, out of the generated document."""
    known = {}
    for line in (ROOT / "docs" / "metrics.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) < 6 or not cells[1].startswith("`"):
            continue
        name, kind = cells[1].strip("`"), cells[2]
        words = re.findall(r"`([^`]+)`", cells[3]) if kind != "histogram" else []
        labels = {words[0]: set(words[1:])} if words and ":" in cells[3] else {}
        for suffix in ["_bucket", "_sum", "_count"] if kind == "histogram" else [""]:
            known[name + suffix] = labels
    return known


def alerts():
    groups = yaml.safe_load((THREE / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def board_expressions():
    board = json.loads((THREE / "grafana-dashboard.json").read_text())
    return [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]


def headings():
    text = (ROOT / "docs" / "operations.md").read_text()
    return {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
            for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def documents(file):
    return [document for document in yaml.safe_load_all((FILES / file).read_text()) if document]


def of_kind(kind):
    return next(each for each in documents("kubernetes/plenary.yaml") if each["kind"] == kind)


def options(configuration):
    """Every option of the single sections; lists of tables count whole."""
    found = {}
    for section, content in configuration.items():
        if isinstance(content, list):
            found[(section, "")] = content
        else:
            found.update({(section, key): value for key, value in content.items()})
    return found


def seconds_of(text):
    return int(str(text).rstrip("s"))


class Configurations(unittest.TestCase):
    def check(self, folder, file):
        for name in ["operator.key", "app_demo.key", "app_demo.webhook"]:
            (folder / "secrets").mkdir(exist_ok=True)
            (folder / "secrets" / name).write_text("replace_" + name.replace(".", "_") + "\n")
        status, output = run([PLENARYD, "--config", str(file), "--check-config"])
        self.assertEqual(status, 0, output)

    def test_the_program_takes_the_three_nodes_files(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            run([str(ROOT / "scripts" / "plenary-ca"), str(folder / "tls"), *NODES])
            for node in NODES:
                shutil.copy(THREE / f"{node}.toml", folder)
                self.check(folder, folder / f"{node}.toml")

    def test_the_program_takes_what_the_entrypoint_fills_in(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            run([str(ROOT / "scripts" / "plenary-ca"), str(folder / "tls"), "plenary-0"])
            template = (FILES / "kubernetes" / "node.toml.in").read_text().replace("/etc/plenary", str(folder))
            (folder / "template").write_text(template)
            environment = {"PATH": os.environ["PATH"], "NODE_NAME": "plenary-0", "NODE_ADDRESS": "192.0.2.7",
                           "SEEDS": "a:7400 b:7400", "CONFIG_TEMPLATE": str(folder / "template"),
                           "CONFIG": str(folder / "plenary.toml")}
            status, output = run([str(FILES / "entrypoint"), "--fill"], env=environment)
            self.assertEqual(status, 0, output)
            filled = tomllib.loads((folder / "plenary.toml").read_text())
            self.assertEqual(filled["cluster"]["seeds"], ["a:7400", "b:7400"])
            self.assertNotIn("@", (folder / "plenary.toml").read_text().split("[node]")[1])
            self.check(folder, folder / "plenary.toml")

    def test_the_three_files_differ_only_where_nodes_must(self):
        files = [options(tomllib.loads((THREE / f"{node}.toml").read_text())) for node in NODES]
        for key in set().union(*files):
            values = [file.get(key) for file in files]
            if key in OWN_OPTIONS:
                self.assertEqual(len({str(value) for value in values}), 3, key)
            else:
                self.assertEqual(values, values[:1] * 3, key)

    def test_nodes_get_longer_to_stop_than_they_take_to_drain(self):
        deadline = tomllib.loads((THREE / "node-a.toml").read_text())["node"]["drain_deadline_s"]
        unit = (FILES / "plenary.service").read_text()
        self.assertRegex(unit, re.compile("^Type=notify$", re.MULTILINE), "the node asks systemd for the time it needs")

        template = (FILES / "kubernetes" / "node.toml.in").read_text()
        deadline = int(re.search(r"^drain_deadline_s = (\d+)$", template, re.MULTILINE)[1])
        pod = of_kind("StatefulSet")["spec"]["template"]["spec"]
        hook = pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][-1]
        waits = int(re.search(r"plenaryctl drain .*--wait=(\d+)", hook)[1])
        self.assertGreater(waits, deadline)
        self.assertGreater(pod["terminationGracePeriodSeconds"], waits)
        for name, service in documents("compose.yaml")[0]["services"].items():
            if name.startswith("node-"):
                self.assertGreater(seconds_of(service["stop_grace_period"]), deadline)


class Prometheus(unittest.TestCase):
    def test_promtool_takes_configuration_and_rules(self):
        for arguments in (["config", THREE / "prometheus.yml"], ["rules", THREE / "alerts.yml"]):
            status, output = run(["promtool", "check", *map(str, arguments)])
            self.assertEqual(status, 0, output)
        with tempfile.TemporaryDirectory() as name:
            for file in (FILES / "compose-prometheus.yml", THREE / "alerts.yml"):
                shutil.copy(file, name)
            status, output = run(["promtool", "check", "config", "compose-prometheus.yml"], cwd=name)
            self.assertEqual(status, 0, output)

    def test_one_job_scrapes_every_node(self):
        scraped = yaml.safe_load((THREE / "prometheus.yml").read_text())["scrape_configs"]
        wanted = {tomllib.loads((THREE / f"{node}.toml").read_text())["http"]["listen"] for node in NODES}
        self.assertEqual([job["job_name"] for job in scraped], ["plenary"])
        self.assertEqual(set(scraped[0]["static_configs"][0]["targets"]), wanted)

    def test_alerts_and_board_name_only_metrics_and_label_values_that_exist(self):
        known = catalogue()
        self.assertGreater(len(known), 80)
        for text in [rule["expr"] for rule in alerts()] + board_expressions():
            for name, labels in re.findall(r"\b((?:plenary|process)_[a-z0-9_]+)\b(?:\{([^}]*)\})?", text):
                self.assertIn(name, known, text)
                for label, value in re.findall(r'(\w+)="([^"]*)"', labels):
                    if label != "job":
                        self.assertIn(value, known[name].get(label, set()), text)

    def test_every_family_of_the_catalogue_stands_on_the_board_or_is_left_out_for_a_reason(self):
        board = (THREE / "grafana-dashboard.json").read_text()
        families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in catalogue()}
        shown = set(re.findall(r"\b((?:plenary|process)_[a-z0-9_]+?)(?:_bucket|_sum|_count)?\b", board))
        self.assertEqual(families - shown - set(NOT_ON_THE_BOARD), set())
        self.assertEqual(set(NOT_ON_THE_BOARD) - families, set())
        self.assertEqual(set(NOT_ON_THE_BOARD) & shown, set())

    def test_every_metric_of_the_catalogue_is_written_somewhere(self):
        text = "".join(file.read_text() for folder in ("actors", "node") for file in (ROOT / folder).rglob("*.?pp")
                       if file.name not in ("catalogue.cpp", "telemetry.hpp"))
        entries = re.findall(r"\{(counter|gauge|histogram)::(\w+),", (ROOT / "node/metrics/catalogue.cpp").read_text())
        self.assertGreater(len(entries), 100)
        for kind, name in entries:
            self.assertRegex(text, rf"\b{kind}::{name}\b")

    def test_every_alert_has_a_severity_and_a_runbook_that_exists(self):
        sections = headings()
        names = [rule["alert"] for rule in alerts()]
        self.assertEqual(len(names), len(set(names)))
        for rule in alerts():
            self.assertIn(rule["labels"]["severity"], ("page", "ticket"), rule["alert"])
            self.assertTrue(rule["annotations"]["summary"], rule["alert"])
            file, section = rule["annotations"]["runbook"].split("#")
            self.assertEqual(file, "docs/operations.md")
            self.assertEqual(section, rule["alert"].lower())
            self.assertIn(section, sections)

    def test_the_board_has_rows_for_the_cluster_and_for_a_node(self):
        panels = json.loads((THREE / "grafana-dashboard.json").read_text())["panels"]
        rows = [panel["title"] for panel in panels if panel["type"] == "row"]
        self.assertEqual(rows, ["Cluster", "Node $node", "Calls and signalling of $node", "Media of $node",
                                "Customers' servers, events and store of $node",
                                "API, links and process of $node"])
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        taken = set()
        for panel in panels:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                     for y in range(place["y"], place["y"] + place["h"])}
            self.assertFalse(cells & taken, panel["title"])
            self.assertLessEqual(place["x"] + place["w"], 24)
            taken |= cells


class Kubernetes(unittest.TestCase):
    def test_the_pods_fit_together(self):
        workload = of_kind("StatefulSet")["spec"]
        pod = workload["template"]["spec"]
        labels = workload["template"]["metadata"]["labels"]
        services = [each for each in documents("kubernetes/plenary.yaml") if each["kind"] == "Service"]
        headless = next(each for each in services if each["spec"].get("clusterIP") == "None")
        self.assertTrue(pod["hostNetwork"])
        self.assertEqual(headless["metadata"]["name"], workload["serviceName"])
        self.assertTrue(headless["spec"]["publishNotReadyAddresses"])
        self.assertEqual(of_kind("PodDisruptionBudget")["spec"]["selector"]["matchLabels"], labels)
        for service in services:
            self.assertEqual(service["spec"]["selector"], labels)
        seeds = next(each for each in pod["containers"][0]["env"] if each["name"] == "SEEDS")["value"].split()
        self.assertEqual(seeds, [f"plenary-{i}.{workload['serviceName']}:7400" for i in range(workload["replicas"])])

    def test_the_other_files_are_whole(self):
        parts = yaml.safe_load((FILES / "kubernetes" / "kustomization.yaml").read_text())
        for name in parts["resources"] + parts["configMapGenerator"][0]["files"]:
            self.assertTrue((FILES / "kubernetes" / name).is_file(), name)
        self.assertEqual(documents("kubernetes/service-monitor.yaml")[0]["kind"], "ServiceMonitor")

    def test_containers_get_the_configuration_they_ask_for(self):
        pod = of_kind("StatefulSet")["spec"]["template"]["spec"]
        mounted = {each["mountPath"] for each in pod["containers"][0]["volumeMounts"]}
        for path in ("/etc/plenary/config", "/etc/plenary/tls", "/etc/plenary/secrets", "/var/lib/plenary"):
            self.assertIn(path, mounted)
        volumes = {each["name"] for each in pod["volumes"]} | {"data"}
        self.assertEqual({each["name"] for each in pod["containers"][0]["volumeMounts"]}, volumes)


class Compose(unittest.TestCase):
    def test_three_nodes_and_prometheus_with_files_that_exist(self):
        whole = documents("compose.yaml")[0]
        services = whole["services"]
        self.assertEqual([name for name in services if name.startswith("node-")], NODES)
        addresses = {name: services[name]["networks"]["plenary"]["ipv4_address"] for name in NODES}
        for name in NODES:
            environment = services[name]["environment"]
            self.assertEqual(environment["NODE_NAME"], name)
            self.assertEqual(environment["NODE_ADDRESS"], addresses[name])
            self.assertEqual(environment["SEEDS"].split(), [f"{address}:7400" for address in addresses.values()])
        for service in services.values():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                exists = (FILES / source).exists() if source.startswith(".") else source in whole["volumes"]
                self.assertTrue(exists, volume)


if __name__ == "__main__":
    PLENARYD = sys.argv.pop(1)
    unittest.main()
