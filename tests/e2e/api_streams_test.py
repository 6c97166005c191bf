"""Events and logs as they come, over the API and the command line."""

import json
import re
import signal
import subprocess
import threading
import unittest

from api import ApiTest, Stream
from world import app, wait_until

SHA = "0" * 40


class Following(ApiTest):
    def note(self, name, repository="shop"):
        """One more event."""
        self.assert_exit(0, self.remote("admin", "report-build", repository, "--commit", SHA,
                                        "--name", name, "--state", "succeeded"))

    def test_a_stream_that_is_cut_off_goes_on_without_loss_or_doubling(self):
        last, seen, stop = None, [], threading.Event()

        def chatter():
            for number in range(30):
                self.note(f"build-{number}")
            stop.set()
        talker = threading.Thread(target=chatter)
        with Stream(self, "/v1/events?limit=0&repository=shop", "read") as stream:
            stream.until(lambda text: "retry:" in text)
            talker.start()
            while not seen:
                seen += stream.events(1)
                last = seen[-1][0] if seen else None
        while len([one for one in seen if "build-29" in one[1]["message"]]) == 0:
            headers = {"Last-Event-ID": last}
            with Stream(self, "/v1/events?repository=shop", "read", headers) as stream:
                seen += stream.events(4, until=lambda one: "build-29 " in one[1]["message"])
                last = seen[-1][0]
        talker.join()
        told = [one[1]["message"].split()[0] for one in seen
                if one[1]["kind"] == "build-reported"]
        self.assertEqual([f"build-{number}" for number in range(30)], told)
        ids = [int(one[0]) for one in seen]
        self.assertEqual(sorted(set(ids)), ids)

    def test_a_stream_tells_of_the_tokens_repositories_only(self):
        with Stream(self, "/v1/events?limit=0", "shop-read") as stream:
            stream.until(lambda text: "retry:" in text)
            self.note("theirs", "store")
            self.note("ours", "shop")
            seen = stream.events(until=lambda one: "ours" in one[1]["message"])
        self.assertEqual({"shop"}, {one[1]["repository"] for one in seen})

    def test_200_streams_need_no_threads(self):
        before = self.threads()
        streams = [Stream(self, "/v1/events?limit=0", "read") for _ in range(200)]
        for stream in streams:
            self.addCleanup(stream.close)
            stream.until(lambda text: "retry:" in text)
        self.assertLess(self.threads(), before + 20)  # the daemon's own work takes some
        self.note("for-all")
        for stream in streams:
            self.assertTrue(stream.events(until=lambda one: "for-all" in one[1]["message"]))

    def threads(self):
        with open(f"/proc/{self.daemon.pid}/status", encoding="utf-8") as file:
            return int(re.search(r"^Threads:\s*(\d+)", file.read(), re.M).group(1))

    def test_the_command_line_follows_events(self):
        for where in ((), self.at("read")):
            with self.subTest(where):
                child = subprocess.Popen(self.shop.words(*where, "events", "shop", "--limit", "0",
                                                         "--follow", "--json"),
                                         stdout=subprocess.PIPE)
                self.addCleanup(lambda c=child: (c.kill(), c.wait(), c.stdout.close()))
                done = threading.Event()

                def chatter():
                    for number in range(1000):
                        if done.wait(0.5):
                            return
                        self.note(f"told-{len(where)}-{number}")
                talker = threading.Thread(target=chatter)
                talker.start()
                try:
                    line = json.loads(child.stdout.readline())
                finally:
                    done.set()
                    talker.join()
                self.assertEqual("shop", line["repository"])

    def test_a_log_is_followed_until_its_run_ends(self):
        gate = f"{self.shop.home}/gate"
        files = app("gated", migrate=f"echo begun; while [ ! -e {gate} ]; do sleep 0.1; done; "
                                     "echo finished")
        self.shop.repository.push("gated", files)
        applied = subprocess.Popen(self.shop.words(*self.at("apply"), "apply", "shop", "--yes"),
                                   stdout=subprocess.DEVNULL)
        self.addCleanup(lambda: (applied.kill(), applied.wait()))
        run = wait_until(self.running, "the run has begun")
        with Stream(self, f"/v1/repositories/shop/runs/{run}/log", "read") as stream:
            first = stream.events(1)[0]
            self.assertEqual("begun", first[1]["line"])
            busy = self.remote("apply", "suspend", "shop", "--branch", "cart")
            self.assert_says("being worked on", self.assert_exit(5, busy))
            open(gate, "w", encoding="utf-8").close()
            rest = stream.events(100)
        self.assertEqual(["finished"], [one[1]["line"] for one in rest if "line" in one[1]])
        self.assertEqual("outcome", rest[-1][1]["type"])
        with Stream(self, f"/v1/repositories/shop/runs/{run}/log", "read",
                    {"Last-Event-ID": first[0]}) as stream:
            again = stream.events(100)
        self.assertEqual(["finished"], [one[1]["line"] for one in again if "line" in one[1]])
        self.assertEqual(0, applied.wait(60))
        text = self.ask("GET", f"/v1/repositories/shop/runs/{run}/log?offset=6", "read",
                        headers={"Accept": "text/plain"})
        self.assertEqual((200, "finished\n"), (text[0], text[2]))

    def running(self):
        done = self.remote("read", "logs", "shop", "--branch", "gated", "--json")
        runs = [one for one in done.lines() if one["state"] == "running"] if done.out else []
        return runs[0]["id"] if runs else None


class Withdrawing(ApiTest):
    def test_a_stream_ends_with_its_token_though_nobody_asks(self):
        with open(self.shop.config, encoding="utf-8") as file:
            text = file.read()
        lines = [line for line in text.splitlines() if "{name: read," not in line]
        self.assertLess(len(lines), len(text.splitlines()))
        with Stream(self, "/v1/events?limit=0", "read") as stream:
            stream.until(lambda said: "retry:" in said)
            with open(self.shop.config, "w", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
            self.daemon.send_signal(signal.SIGHUP)
            stream.until(lambda _: False)  # to its end
            self.assertTrue(stream.over)
        self.assertEqual(401, self.ask("GET", "/v1/status", "read")[0])


class Stopping(ApiTest):
    def test_the_daemon_waits_for_what_it_was_asked(self):
        self.shop.repository.push("slow", app("slow", build="echo begun; sleep 1000"))
        applied = subprocess.Popen(self.shop.words(*self.at("apply"), "apply", "shop", "--yes",
                                                   "--json"), stdout=subprocess.PIPE)
        self.addCleanup(lambda: (applied.kill(), applied.wait(), applied.stdout.close()))
        line = next(one for one in map(json.loads, applied.stdout)
                    if one.get("@message") == "begun")
        self.assertEqual("output", line["type"])
        self.daemon.terminate()
        self.assertEqual(0, self.daemon.wait(60))
        self.assertNotEqual(0, applied.wait(60))
        runs = self.shop.bough("logs", "shop", "--branch", "slow", "--json").lines()
        self.assertEqual(["cancelled"], [one["state"] for one in runs])


if __name__ == "__main__":
    unittest.main()
