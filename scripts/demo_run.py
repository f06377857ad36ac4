"""The running part of scripts/demo: node, application, three softphones, checks. Writes demo-output/."""
import array
import json
import math
import shutil
import signal
import sys
import time
import wave

from plenary_lab import (ROOT, Child, Failure, answer_or_none, application_config, get, pilot_levels, plenaryd,
                         port_or_any, read_samples, run_quietly, start_softphone, wait_until, write_softphone)

OUTPUT = ROOT / "demo-output"
NUMBER = "+15551230002"
ROOM = "daily_support_room"
API_KEY = "mv_test_demo_key_0001"
SECRET = "demo-webhook-secret"

# A quiet tone under each speaker's words tells who is heard, in figures.
PILOT_DBFS = -32
HEARD_DBFS = -40
NOT_HEARD_DBFS = -50
TURN_SECONDS = 4
LEAD_SECONDS = 4  # until everybody is in the room
CALL_SECONDS = LEAD_SECONDS + 4 * TURN_SECONDS + 2

PHONES = [
    {"name": "alice", "voice": "en-us+f3", "pilot": 2900, "codec": "opus/48000/2", "rate": 48000, "channels": 2,
     "says": "Hello, this is Alice. My phone speaks Opus."},
    {"name": "bob", "voice": "en-gb+m3", "pilot": 3050, "codec": "g722/16000", "rate": 16000, "channels": 1,
     "says": "Good morning, Bob here, on G seven twenty two."},
    {"name": "carol", "voice": "en-us+f5", "pilot": 3200, "codec": "pcmu", "rate": 8000, "channels": 1,
     "says": "And this is Carol, on a plain old telephone."},
]


def start_node(application_url, children):
    sip = port_or_any(5060)
    (OUTPUT / "plenary.toml").write_text(f"""[node]
name = "node-a"
data_dir = "data"
[sip]
listen = ["udp:127.0.0.1:{sip}", "tcp:127.0.0.1:{sip}"]
[media]
address = "127.0.0.1"
ports = "20000-20999"
[http]
listen = "127.0.0.1:{port_or_any(8080)}"
""" + application_config("demo", NUMBER, (API_KEY, SECRET), application_url))
    node = Child("plenaryd", [str(plenaryd()), "--config", str(OUTPUT / "plenary.toml")], OUTPUT)
    children.append(node)
    node.wait_for('"event":"ready"', 20)
    return node, node.listening()


def write_speech(phone, turn, folder):
    """in.wav: the phone's sentence in its own turn, and once more when all talk together."""
    rate = phone["rate"]
    run_quietly("espeak-ng", "-v", phone["voice"], "-w", str(folder / "voice.wav"), phone["says"])
    run_quietly("sox", str(folder / "voice.wav"), "-r", str(rate), "-c", "1", "-b", "16", str(folder / "mono.wav"),
                "norm", "-14", "trim", "0", str(TURN_SECONDS - 0.2), "pad", "0", str(TURN_SECONDS))
    words = read_samples(folder / "mono.wav")[: rate * (TURN_SECONDS * 10 - 2) // 10]
    level = 32767 * 10 ** (PILOT_DBFS / 20)
    for i, sample in enumerate(words):
        pilot = level * math.sin(2 * math.pi * phone["pilot"] * i / rate)
        words[i] = max(-32768, min(32767, round(sample + pilot)))
    samples = array.array("h", bytes(2 * rate * (CALL_SECONDS + 10)))
    for slot in (turn, 3):
        at = rate * (LEAD_SECONDS + slot * TURN_SECONDS)
        samples[at: at + len(words)] = words
    if phone["channels"] == 2:
        samples = array.array("h", [sample for sample in samples for _ in range(2)])
    with wave.open(str(folder / "in.wav"), "wb") as out:
        out.setnchannels(phone["channels"])
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.tobytes())


def prepare_phone(phone, index):
    folder = OUTPUT / "phones" / phone["name"]
    folder.mkdir(parents=True)
    write_speech(phone, index, folder)
    write_softphone(folder, phone, f"{folder}/in.wav", index)
    return folder


def check_recordings():
    """Prints the table of who hears whom; the faults found."""
    faults = []
    print(f"\n==> who hears whom (pilot tone under each voice, dBFS; heard above {HEARD_DBFS}, "
          f"not heard below {NOT_HEARD_DBFS})")
    print(" " * 12 + "".join(f"{phone['name']:>12}" for phone in PHONES))
    for listener in PHONES:
        recordings = list((OUTPUT / "phones" / listener["name"] / "rec").glob("*-dec.wav"))
        if len(recordings) != 1:
            raise Failure(f"{listener['name']} has recorded nothing")
        heard = OUTPUT / f"heard-by-{listener['name']}.wav"
        shutil.copy(recordings[0], heard)
        narrow = OUTPUT / "phones" / listener["name"] / "heard-8k.wav"
        run_quietly("sox", str(heard), "-r", "8000", "-c", "1", "-b", "16", str(narrow))
        row = f"    {listener['name']:<8}"
        for speaker in PHONES:
            levels = pilot_levels(narrow, speaker["pilot"])
            own = speaker is listener
            # Six windows, 3 s, must hold another's voice; not one may hold the own voice.
            value = levels[0] if own else levels[min(5, len(levels) - 1)]
            right = value < NOT_HEARD_DBFS if own else value > HEARD_DBFS
            row += f"{value:>9.1f} {'ok' if right else '!!'}"
            if not right:
                faults.append(f"{listener['name']} {'hears itself' if own else 'does not hear ' + speaker['name']}")
        print(row, flush=True)
    print("    recordings: " + ", ".join(f"demo-output/heard-by-{phone['name']}.wav" for phone in PHONES))
    return faults


def check_timeline(application_url):
    """Prints each call's webhooks; the faults found."""
    def all_completed():
        calls = get(f"{application_url}/timeline")["calls"].values()
        return sum(any(e["event"] == "call.completed" for e in events) for events in calls) >= len(PHONES)
    wait_until(all_completed, 10)
    timeline = get(f"{application_url}/timeline")
    faults = [f"a webhook's signature is wrong: {fault}" for fault in timeline["faults"]]
    print("\n==> what the customer was told (both signatures verified)")
    for call, events in timeline["calls"].items():
        print(f"    {call} from {events[0]['from']}")
        for event in events:
            print(f"        {event['at']}  {event['event']:<16} {event['status']}")
        names = [event["event"] for event in events]
        if names != ["call.created", "call.answered", "call.completed"]:
            faults.append(f"{call} was told as {names}")
    if len(timeline["calls"]) != len(PHONES):
        faults.append(f"{len(timeline['calls'])} calls were told, not {len(PHONES)}")
    return faults


def participants(api):
    return (answer_or_none(f"http://{api}/v1/rooms/{ROOM}", API_KEY) or {}).get("participants", [])


def run_calls(children, edges):
    phones = []
    for index, phone in enumerate(PHONES):
        folder = prepare_phone(phone, index)
        phones.append((phone, folder))
    print(f"\n==> three softphones call {NUMBER} and talk in turn, then together ({CALL_SECONDS} s)")
    running = []
    for phone, folder in phones:
        child = start_softphone(folder, phone, f"sip:{NUMBER}@{edges['sip_udp']}", CALL_SECONDS + 15)
        children.append(child)
        running.append(child)
        child.wait_for("Call established", 10)
        print(f"    {phone['name']} ({phone['codec']}) is connected; "
              f"GET /v1/rooms/{ROOM}: {len(participants(edges['http']))} participants", flush=True)
    wait_until(lambda: len(participants(edges["http"])) >= len(PHONES), 5)
    for participant in participants(edges["http"]):
        print(f"    in the room: {json.dumps(participant)}")
    joined = len(participants(edges["http"]))
    for left in range(CALL_SECONDS, 0, -1):
        if sys.stdout.isatty():
            print(f"\r    talking, {left:2d} s left ", end="", flush=True)
        elif left % 5 == 0:
            print(f"    talking, {left} s left", flush=True)
        time.sleep(1)
    print(("\r" if sys.stdout.isatty() else "") + "    talked; hanging up      ", flush=True)
    for child in running:
        child.process.send_signal(signal.SIGINT)
    for child in running:
        child.end(signal.SIGINT)
    return [] if joined == len(PHONES) else [f"{joined} participants were in the room, not {len(PHONES)}"]


def keep_running(edges, application_url):
    print(f"""
==> running; call in by hand:
    any SIP phone on this machine, no registration:  sip:{NUMBER}@{edges['sip_udp']}
    who is there:   curl -H 'Authorization: Bearer {API_KEY}' http://{edges['http']}/v1/rooms
    metrics:        curl http://{edges['http']}/metrics
    events so far:  curl {application_url}/timeline
    configuration:  demo-output/plenary.toml (media.address and sip.listen decide who can reach it)
    Ctrl-C ends everything.""", flush=True)
    signal.pause()


def tell_verdict(faults):
    for fault in faults:
        print(f"    WRONG: {fault}")
    print("\nDemo: FAILED" if faults else "\nDemo: everything is as it must be.", flush=True)
    return 1 if faults else 0


def main():
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()
    children = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        application = Child("application", [str(ROOT / "scripts/sample-application"), "--port", str(port_or_any(9000)),
                                            "--room", ROOM, "--secret", SECRET], OUTPUT, echo=True)
        children.append(application)
        application_url = application.wait_for("listening on ", 10).split()[-1]
        node, edges = start_node(application_url, children)
        print(f"    plenaryd: SIP {edges['sip_udp']}, HTTP {edges['http']}, data in demo-output/data", flush=True)
        faults = run_calls(children, edges)
        faults += check_recordings()
        faults += check_timeline(application_url)
        if "--keep" in sys.argv[1:]:
            tell_verdict(faults)
            keep_running(edges, application_url)
        status = node.end()
        print(f"\n==> SIGTERM: plenaryd ended with status {status}")
        if status != 0:
            faults.append(f"plenaryd ended with status {status}")
        return tell_verdict(faults)
    except Failure as failure:
        print(f"\nDemo: FAILED: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nended by hand")
        return 130
    finally:
        for child in reversed(children):
            child.end()


if __name__ == "__main__":
    sys.exit(main())
