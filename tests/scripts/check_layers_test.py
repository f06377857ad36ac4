"""scripts/check_layers must find each kind of breach and nothing else."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = pathlib.Path(__file__).parents[2] / "scripts" / "check_layers"


def check(files):
    """Exit status and output for a project of these files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        run = subprocess.run([sys.executable, PROGRAM, folder], capture_output=True, text=True, check=False)
        return run.returncode, run.stdout


class CheckLayers(unittest.TestCase):
    def assert_breach(self, name, text):
        status, output = check({name: text})
        self.assertEqual(status, 1, output)
        self.assertIn(name, output)

    def test_accepts_includes_that_point_down(self):
        status, output = check({
            "schema/ids.hpp": "#include <string>\n",
            "actors/audio/mixer.cpp": '#include "schema/ids.hpp"\n',
            "actors/room/room_actor.cpp": '#include "actors/audio/mixer.hpp"\n#include <caf/all.hpp>\n',
            "actors/room/room_actor_story.cpp": '#include "actors/protocol.hpp"\n#include "actors/edge/log.hpp"\n',
            "actors/directory/directory_actor.cpp": '#include "actors/room/room_actor.hpp"\n',
            "node/main.cpp": '#include "actors/protocol.hpp"\n#include <caf/all.hpp>\n',
        })
        self.assertEqual(status, 0, output)

    def test_refuses_includes_that_point_up(self):
        self.assert_breach("schema/ids.hpp", '#include "actors/protocol.hpp"\n')
        self.assert_breach("actors/audio/mixer.cpp", '#include "actors/room/roster.hpp"\n')
        self.assert_breach("actors/room/roster.cpp", '#include "node/config/load.hpp"\n')

    def test_refuses_includes_of_a_neighbours_folder(self):
        self.assert_breach("actors/edge/media_transport.hpp", '#include "actors/leg/leg_stream.hpp"\n')
        self.assert_breach("actors/room/roster.hpp", '#include "actors/call/action.hpp"\n')
        self.assert_breach("actors/leg/leg_actor.cpp", '#include "actors/room/room_actor.hpp"\n')
        self.assert_breach("actors/directory/placing.cpp", '#include "actors/room/roster.hpp"\n')
        self.assert_breach("actors/media_protocol.hpp", '#include "actors/leg/sdp.hpp"\n')

    def test_refuses_messages_in_pure_files(self):
        self.assert_breach("actors/room/roster.cpp", '#include "actors/protocol.hpp"\n')
        self.assert_breach("actors/directory/placing.hpp", '#include "actors/directory_protocol.hpp"\n')
        self.assert_breach("actors/room/roster.hpp", '#include "actors/room/room_actor.hpp"\n')

    def test_refuses_caf_outside_actors_and_node(self):
        self.assert_breach("actors/room/roster.cpp", "#include <caf/all.hpp>\n")
        self.assert_breach("schema/ids.hpp", "#include <caf/fwd.hpp>\n")

    def test_refuses_generated_headers_outside_the_schema(self):
        self.assert_breach("node/http/api.cpp", '#include "schema/node.capnp.h"\n')
        self.assert_breach("actors/directory/member.cpp", '#include "schema/peer.capnp.h"\n')

    def test_accepts_generated_headers_in_the_codec_and_the_link(self):
        status, output = check({
            "schema/peer_codec.cpp": '#include "schema/node.capnp.h"\n',
            "node/link/node_server.cpp": '#include "schema/node.capnp.h"\n',
        })
        self.assertEqual(status, 0, output)

    def test_refuses_long_files(self):
        self.assert_breach("node/long.cpp", "\n" * 401)

    def test_refuses_a_folder_without_sources(self):
        self.assertEqual(check({})[0], 1)


if __name__ == "__main__":
    unittest.main()
