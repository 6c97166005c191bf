"""Jobs around a deployment: POST_DEPLOY after success, FAILED_DEPLOY after failure, SCHEDULED
never; each is a run of its own."""

import json
import unittest

from serving import ServingTest
from world import BoughTest, query, spec, wait_until

NOTE = "psql -v ON_ERROR_STOP=1 -q -c \"{}\""
TABLE = NOTE.format("CREATE TABLE IF NOT EXISTS notes (what text)")


def note(what):
    """A command that notes in the database that it ran."""
    return NOTE.format(f"INSERT INTO notes VALUES ('{what}')")


def job(name, kind, command):
    return f"  - {{name: {name}, kind: {kind}, run_command: {json.dumps(command)}}}\n"


def with_jobs(*jobs, **given):
    given.setdefault("migrate", TABLE)
    return spec(**given) + "jobs:\n" + "".join(jobs)


AFTER = job("announce", "POST_DEPLOY", note("announced"))
ALARM = job("alarm", "FAILED_DEPLOY", "echo ALARM")


class JobsTest(BoughTest):
    def setUp(self):
        self.shop = self.world()

    def push(self, text, branch="main"):
        self.shop.repository.push(branch, {"app.yaml": text})

    def apply(self, status=0, *words):
        return self.assert_exit(status, self.shop.apply(*words))

    def runs(self, branch="main"):
        """Kind and state of each run, the first one first."""
        found = self.shop.environments()[branch]["runs"]
        return [(one["kind"], one["state"]) for one in reversed(found)]

    def notes(self, database="shop-production"):
        return [row[0] for row in self.shop.psql("SELECT what FROM notes", database)]


class Jobs(JobsTest):
    def test_jobs_follow_a_deployment_once_per_commit(self):
        second = job("second", "POST_DEPLOY", note("in order"))
        self.push(with_jobs(AFTER, second, build="echo built"))
        planned = self.shop.bough("plan")
        self.assert_says("> post-deploy .*announced", planned)
        self.assertEqual(["build", "migration", "post-deploy"],
                         [run["kind"] for run in self.shop.plan()["runs"]])
        self.apply()
        self.assert_settled(self.shop)
        self.assertEqual(["announced", "in order"], self.notes())
        self.assertEqual([("build", "succeeded"), ("migration", "succeeded"),
                          ("post-deploy", "succeeded")], self.runs())
        self.push(with_jobs(AFTER))
        self.apply()
        self.assertEqual(["announced", "in order", "announced"], self.notes())

    def test_jobs_do_not_run_again_when_the_journal_is_lost(self):
        self.push(with_jobs(AFTER))
        self.apply()
        self.shop.psql("DROP DATABASE bough_journal WITH (FORCE)")
        self.apply()
        self.assert_settled(self.shop)
        self.assertEqual(["announced"], self.notes())

    def test_failed_jobs_undo_nothing_and_run_again_by_retry(self):
        self.push(with_jobs(job("announce", "POST_DEPLOY", f"{note('tried')}; exit 3"), ALARM))
        done = self.apply(1)
        self.assert_says("post-deploy failed: exit code 3", done)
        self.assertNotIn("ALARM\n", done.out)
        self.assertEqual([("migration", "succeeded"), ("post-deploy", "failed")], self.runs())
        self.assertEqual("Connected", self.shop.statuses()["main"])
        self.assert_says("the post-deploy of .* failed; .*bough retry", self.apply(4))
        self.assert_exit(1, self.shop.bough("retry", "shop"))
        self.assertEqual(["tried", "tried"], self.notes())
        self.assert_exit(0, self.shop.bough("env", "shop"))

    def test_jobs_follow_a_failed_build_or_migration_once(self):
        for broken in ({"build": "exit 1"}, {"migrate": "exit 2"}):
            with self.subTest(broken):
                self.push(with_jobs(AFTER, ALARM, **broken))
                done = self.apply(1)
                self.assert_says(r"\| ALARM", done)
                kind = "build" if "build" in broken else "migration"
                self.assertEqual([(kind, "failed"), ("failed-deploy", "succeeded")],
                                 self.runs()[-2:])
                self.assertNotIn("ALARM\n", self.apply(4).out)
                self.assert_says(r"\| ALARM", self.assert_exit(1, self.shop.bough("retry", "shop")))
        self.assert_says("ALARM", self.shop.bough("logs", "shop"))

    def test_a_failure_of_the_jobs_after_a_failure_changes_nothing(self):
        self.push(with_jobs(job("alarm", "FAILED_DEPLOY", "exit 9"), migrate="exit 2"))
        self.apply(1)
        self.assertEqual([("migration", "failed"), ("failed-deploy", "failed")], self.runs())
        refused = self.shop.plan()["refused"]
        self.assertEqual(1, len(refused), refused)
        self.assertIn("the migration of", refused[0]["reason"])

    def test_a_job_sees_the_variables_of_its_component(self):
        self.push(with_jobs(
            "  - name: announce\n    kind: POST_DEPLOY\n"
            "    run_command: psql \"$OWN\" -q -c \"INSERT INTO notes VALUES ('$WORD')\"\n"
            "    envs:\n      - {key: OWN, value: '${db.DATABASE_URL}'}\n"
            "      - {key: WORD, value: hello, scope: RUN_TIME}\n"))
        self.apply()
        self.assertEqual(["hello"], self.notes())

    def test_scheduled_jobs_are_told_and_never_run(self):
        self.push(with_jobs("  - name: nightly\n    kind: SCHEDULED\n    run_command: exit 1\n"
                            "    schedule: {cron: '0 3 * * *'}\n"))
        told = [one for one in self.shop.plan()["diagnostics"] if one["code"] == "scheduled-job"]
        self.assertEqual(["job nightly is scheduled (0 3 * * *); bough does not run it"],
                         [one["message"] for one in told])
        self.apply()
        self.assertEqual([("migration", "succeeded")], self.runs())

    def test_the_operator_decides_whether_jobs_run(self):
        self.shop.configure(commands="operator", migration_command=TABLE)
        self.push(with_jobs(AFTER, ALARM))
        # What nobody was shown before is shown with the result.
        self.assert_says("keeps from running: .*jobs.alarm, jobs.announce", self.apply())
        self.assertEqual([], self.notes())
        self.assertEqual([("migration", "succeeded")], self.runs())


class Isolation(JobsTest):
    def test_row_92_nothing_that_a_branch_writes_is_seen_by_another(self):
        places = ("$HOME", "${TMPDIR:-/tmp}", "/tmp", "/var/tmp", "/dev/shm", ".", "..")
        write = "; ".join(f"echo poison > {place}/cache 2>/dev/null" for place in places) + "; true"
        look = " && ".join(f"test ! -e {place}/cache" for place in places)
        self.push(spec(migrate=None))
        self.push(with_jobs(job("more", "POST_DEPLOY", write), migrate=write, build=write), "evil")
        self.apply()
        self.assertIn(("post-deploy", "succeeded"), self.runs("evil"))
        self.push(with_jobs(job("more", "POST_DEPLOY", look), migrate=look, build=look))
        self.apply()
        self.assertEqual({"succeeded"}, {state for _, state in self.runs()})

    def test_row_89_a_run_that_was_killed_for_memory_says_so(self):
        self.shop.configure(command_limits={"memory": "256MiB"})
        self.push(spec(migrate="python3 -c 'x = bytearray(600 << 20); x[:] = b\"x\" * len(x)'"))
        self.assert_says("more than 256 MiB of memory", self.apply(1))
        run = self.shop.environments()["main"]["runs"][0]
        self.assertEqual(("failed", 137), (run["state"], run["exit_code"]))
        self.assertIn("killed because it used more than 256 MiB of memory", run["note"])


class Interrupted(ServingTest):
    def notes(self):
        return [row[0] for row in query("SELECT what FROM notes", self.shop.env("x"))]

    def states(self, kind):
        found = self.shop.environments().get("x", {"runs": []})["runs"]
        return [run["state"] for run in reversed(found) if run["kind"] == kind]

    def test_a_killed_job_is_unknown_and_runs_again(self):
        wait = f"{note('begun')}; test -e done || sleep 600"
        self.shop.repository.push("x", {"app.yaml": with_jobs(job("late", "POST_DEPLOY", wait))})
        daemon = self.serve()
        wait_until(lambda: self.states("post-deploy") == ["running"] and self.notes() == ["begun"],
                   "the job runs")
        daemon.kill()
        daemon.wait()
        wait_until(lambda: self.states("post-deploy") == ["unknown"], "nobody knows of the job")
        self.assert_says("interrupted and its outcome is unknown", self.shop.bough("plan"))
        daemon = self.serve()
        wait_until(lambda: self.states("post-deploy")[1:] == ["running"], "it runs again")
        self.shop.repository.push("x", {"app.yaml": with_jobs(), "done": ""})
        daemon.kill()


if __name__ == "__main__":
    unittest.main()
