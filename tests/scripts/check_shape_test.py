"""scripts/check_shape must find each kind of breach and nothing else, and take exceptions as ceilings."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = pathlib.Path(__file__).parents[2] / "scripts" / "check_shape"
USED = "void use() {\n  a.tick();\n  a.name();\n  use();\n}\n"


def check(files, *options):
    """Exit status, output and exceptions for a project of these files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        run = subprocess.run([sys.executable, PROGRAM, folder, *options], capture_output=True, text=True, check=False)
        exceptions = pathlib.Path(folder, "scripts/shape_exceptions")
        return run.returncode, run.stdout, exceptions.read_text() if exceptions.exists() else ""


def clock_of(lines, methods=0):
    """A class of so many lines, most of them in its other file."""
    declared = "".join(f"  void tick{number}(int times = 1);\n" for number in range(methods))
    body = "  count();\n" * (lines - methods - 4)
    calls = "".join(f"  tick{number}();\n" for number in range(methods))
    return {
        "node/clock.hpp": f"class clock {{\n{declared}}};\n",
        "node/clock.cpp": f"void clock::tick() {{\n{body}}}\n",
        "node/use.cpp": f"void use() {{\n{calls}  use();\n}}\n",
    }


class CheckShape(unittest.TestCase):
    def assert_breach(self, files, *said):
        status, output, _ = check(files)
        self.assertEqual(status, 1, output)
        for each in said:
            self.assertIn(each, output)
        self.assertIn("1 breaches", output)

    def assert_clean(self, files):
        status, output, _ = check(files)
        self.assertEqual(status, 0, output)

    def test_adds_up_a_class_over_its_files(self):
        self.assert_clean(clock_of(350))
        self.assert_breach(clock_of(351), "node/clock.hpp", "351 lines")

    def test_counts_methods_and_nothing_else(self):
        self.assert_clean(clock_of(100, methods=35))
        self.assert_breach(clock_of(100, methods=36), "36 methods")
        members = "".join(f"  std::function<void(int)> each{number}_;\n  int count{number}_ = limit();\n" for number in range(40))
        self.assert_clean({"node/a.hpp": f"class a {{\n  friend bool operator==(a, a);\n{members}}};\n"})

    def test_takes_classes_of_one_name_in_two_folders_apart(self):
        body = "  count();\n" * 198
        self.assert_clean({
            "node/sip/session.hpp": "class session {\n};\n", "node/sip/session.cpp": f"void session::a() {{\n{body}}}\n",
            "node/link/session.hpp": "class session {\n};\n", "node/link/session.cpp": f"void session::b() {{\n{body}}}\n",
        })

    def test_wants_a_behaviour_of_an_actor(self):
        self.assert_breach({"actors/leg/leg_steps_actor.cpp": "void leg_state::go() {\n}\n"}, "no behaviour")
        self.assert_clean({
            "actors/leg/leg_actor.cpp": "leg_actor::behavior_type leg(leg_state::self_pointer self) {\n  return {};\n}\n",
            "actors/leg/leg_actor_steps.cpp": "void leg_state::go() {\n}\n",
            "node/use.cpp": "void use() {\n  spawn(leg);\n}\n",
        })

    def test_wants_a_message_in_one_header(self):
        told = "struct told {\n};\n"
        protocol = told + "CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::told)\n"
        self.assert_clean({"actors/protocol.hpp": protocol, "schema/other.hpp": "struct other {\n};\n"})
        self.assert_breach({"actors/protocol.hpp": protocol, "schema/peer.hpp": told}, "told", "schema/peer.hpp")

    def test_wants_somebody_who_calls_what_is_declared(self):
        header = "class a {\npublic:\n  void tick();\n  int name() const { return 1; }\n};\nvoid use();\n"
        self.assert_clean({"node/a.hpp": header, "node/use.cpp": USED})
        self.assert_breach({"node/a.hpp": header, "node/use.cpp": USED.replace("  a.tick();\n", "")}, "node/a.hpp", "tick()")
        self.assert_breach({"node/a.hpp": header, "node/use.cpp": USED.replace("  a.tick();", "  // a.tick();")}, "tick()")
        self.assert_breach({"node/a.hpp": header + "bool is_odd(int of);\n", "node/use.cpp": USED,
                            "tests/a_test.cpp": "is_odd(3);\n"}, "is_odd()")

    def test_leaves_private_and_inherited_functions_to_the_compiler(self):
        header = "class a : public b {\npublic:\n  void tick() override;\n\nprivate:\n  void name();\n};\n"
        self.assert_clean({"node/a.hpp": header})

    def test_takes_an_exception_as_a_ceiling(self):
        with_ceiling = lambda number: {**clock_of(360), "scripts/shape_exceptions": f"# why\nlines node/clock {number}\n"}
        self.assert_clean(with_ceiling(360))
        self.assert_breach(with_ceiling(359), "360 lines", "allows 359")
        self.assert_breach(with_ceiling(361), "is 360 by now, not 361")

    def test_refuses_an_exception_that_is_not_needed(self):
        self.assert_breach({**clock_of(20), "scripts/shape_exceptions": "lines node/clock 360\n"}, "not needed any more")

    def test_lowers_ceilings_and_raises_none(self):
        known = "# why\nlines node/clock 400\nlines node/gone 900\n"
        status, _, after = check({**clock_of(360), "scripts/shape_exceptions": known}, "--lower")
        self.assertEqual((status, after), (0, "# why\nlines node/clock 360\n"))
        low = "lines node/clock 355\n"
        status, _, after = check({**clock_of(360), "scripts/shape_exceptions": low}, "--lower")
        self.assertEqual((status, after), (1, low))

    def test_refuses_a_folder_without_sources(self):
        self.assertEqual(check({})[0], 1)


if __name__ == "__main__":
    unittest.main()
