"""A real softphone in the cluster: it must follow its room to another node, by re-INVITE, while it listens."""
import signal
import time
import wave

from cluster_lab import CALLERS, NUMBER, OUTPUT
from lab_caller import PILOTS
from plenary_lab import Failure, level_dbfs, read_samples, start_softphone, wait_until, write_softphone

PHONE = {"name": "softphone", "codec": "pcmu", "rate": 8000, "channels": 1}
HEARD_DBFS = -40
WINDOW = 1000  # samples: an eighth of a second
LISTENS_SECONDS = 3
MOST_INCOMPLETE = 4  # windows around the move in which a tone may be missing or cut


def prepare(folder):
    folder.mkdir(parents=True)
    with wave.open(str(folder / "silence.wav"), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(2 * 8000 * 60))
    write_softphone(folder, PHONE, f"{folder}/silence.wav", 0)


def tones_heard(folder):
    """For each window of the recording, whether all callers were in it."""
    recordings = list((folder / "rec").glob("*-dec.wav"))
    if len(recordings) != 1:
        raise Failure(f"the softphone has made {len(recordings)} recordings, not one")
    samples = read_samples(recordings[0])
    windows = [samples[at: at + WINDOW] for at in range(0, len(samples) - WINDOW + 1, WINDOW)]
    return [all(level_dbfs(window, 8000, hertz) > HEARD_DBFS for hertz in PILOTS) for window in windows]


def follow(cluster):
    """Calls a node that does not own the room, lets the owner drain, and listens on; the faults found."""
    owner = cluster.steady()["node"]
    via = next(node for node in cluster.nodes if node.name != owner)
    folder = OUTPUT / "phones" / PHONE["name"]
    prepare(folder)
    print(f"\n==> a softphone calls {via.name}; then {owner}, which mixes the room, is drained", flush=True)
    phone = start_softphone(folder, PHONE, f"sip:{NUMBER}@127.0.0.1:{via.sip}", 60)
    try:
        phone.wait_for("Call established", 10)
        wait_until(lambda: (via.room() or {}).get("participant_count") == CALLERS + 1, 5)
        time.sleep(LISTENS_SECONDS)
        via.drain(owner)
        moved = wait_until(lambda: (via.room() or {}).get("node", owner) != owner, 10)
        time.sleep(LISTENS_SECONDS)
    finally:
        phone.end(signal.SIGINT)
        via.drain(owner, "DELETE")
    return judge(tones_heard(folder), moved, cluster)


def judge(heard, moved, cluster):
    started = heard.index(True) if True in heard else len(heard)
    incomplete = heard[started:-1].count(False)
    room = cluster.nodes[0].room() or {}
    print(f"    the room is at {room.get('node')} now; the softphone heard all {CALLERS} callers in "
          f"{heard.count(True)} of {len(heard)} windows of {WINDOW / 8:.0f} ms, {incomplete} incomplete around the move")
    faults = [] if moved else ["the drained node still owns the room"]
    seconds = 2 * LISTENS_SECONDS
    if heard.count(True) * WINDOW / 8000 < seconds - 1 or incomplete > MOST_INCOMPLETE:
        faults.append(f"the softphone did not follow the room: {''.join('#' if each else '.' for each in heard)}")
    if not wait_until(cluster.steady, 15):
        faults.append(f"the room is not steady after the softphone: {cluster.story()}")
    return faults
