"""The daemon, applies side by side, and saved plans."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import unittest

from servers import Server, free_port
from serving import ServingTest
from world import (PATIENCE, BoughTest, Repository, app, processes_with, query, run, spec,
                   try_sql, wait_until)


class Serving(ServingTest):
    def test_pushes_are_migrated_without_a_command(self):
        daemon = self.serve()
        self.migrated("shop-production", "orders")
        self.shop.repository.push("main", app("carts"))
        self.shop.repository.push("search", app("hits"))
        self.migrated("shop-production", "orders", "carts")
        self.migrated("shop--search", "hits")
        self.end(daemon)
        self.assertEqual({}, processes_with(self.shop.home))

    def test_a_deleted_branch_is_held(self):
        self.shop.repository.push("search", app("hits"))
        self.serve()
        self.migrated("shop--search", "hits")
        variables = self.shop.env("search")
        self.shop.repository.delete("search")
        wait_until(lambda: "not permitted to log in" in try_sql("SELECT 1", variables).err,
                   "the login is withdrawn")
        self.migrated("shop--search", "hits")

    def test_a_killed_daemon_is_followed_by_one_that_goes_on(self):
        self.shop.configure(on_unknown="rerun")
        daemon = self.serve()
        self.migrated("shop-production", "orders")
        self.shop.repository.push("main", app("carts", migrate="sleep 1; psql -q -f schema.sql"))
        wait_until(lambda: "running" in json.dumps(self.shop.environments()), "a run is under way")
        daemon.kill()
        daemon.wait()
        self.serve()
        self.migrated("shop-production", "orders", "carts")
        wait_until(lambda: self.shop.bough("plan", "--detailed-exitcode").status == 0, "settled")

    def test_a_killed_server_is_started_again(self):
        self.serve()
        self.migrated("shop-production", "orders")
        variables = self.shop.env()
        killed = self.shop.server_pid()
        self.shop.kill_server()
        wait_until(lambda: try_sql("SELECT 1", variables).status == 0, "the server is back")
        self.assertNotEqual(killed, self.shop.server_pid())

    def test_a_changed_configuration_comes_into_force(self):
        daemon = self.serve()
        self.migrated("shop-production", "orders")
        self.shop.configure(migration_command="psql -q -c 'CREATE TABLE reloaded ()'")
        wait_until(lambda: self.shop.psql("SELECT 1 FROM pg_class WHERE relname = 'reloaded'",
                                          "shop-production"), "the new command ran")
        self.assertIn("the configuration is reloaded", self.said())
        self.end(daemon)

    def test_row_95_a_wrong_configuration_changes_nothing(self):
        daemon = self.serve()
        self.migrated("shop-production", "orders")
        self.shop.configure(top="pol: 1s")
        wait_until(lambda: "bough.yaml:3:1" in self.said(), "the mistake is told")
        self.shop.configure(top="journal: postgresql://somewhere/db")
        wait_until(lambda: "`journal` has changed" in self.said(), "that needs a restart")
        self.shop.repository.push("main", app("carts"))
        self.migrated("shop-production", "orders", "carts")
        self.end(daemon)

    def test_row_95_sighup_reads_again_and_a_mistake_changes_nothing(self):
        self.shop.configure(poll="1h")
        daemon = self.serve()
        self.migrated("shop-production", "orders")
        self.shop.configure(poll="1h", top="pol: 1s")
        daemon.send_signal(signal.SIGHUP)
        wait_until(lambda: "bough.yaml:3:1" in self.said(), "the mistake is told")
        self.shop.configure(poll="1h")
        self.shop.repository.push("main", app("carts"))
        daemon.send_signal(signal.SIGHUP)
        self.migrated("shop-production", "orders", "carts")
        self.end(daemon)

    def pending(self, pid, number):
        """Whether a signal waits to be taken; a second one of its kind would be lost."""
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            found = re.search(r"^ShdPnd:\s*(\w+)", file.read(), re.M)
        return bool(int(found.group(1), 16) >> (number - 1) & 1)

    def test_row_95_a_second_sigterm_ends_it_at_once(self):
        daemon = self.serve()
        self.migrated("shop-production", "orders")
        nap, _ = self.shop.nap()
        self.shop.repository.push("main", app("carts", migrate=f"{nap} || true"))
        wait_until(lambda: "running" in json.dumps(self.shop.environments()), "a run is under way")
        daemon.terminate()
        # A migration is let finish, so this goes on until the second one.
        wait_until(lambda: not self.pending(daemon.pid, signal.SIGTERM), "it took the first one")
        self.assertIsNone(daemon.poll())
        daemon.terminate()
        self.assertEqual(128 + signal.SIGTERM, daemon.wait(PATIENCE), self.said())
        wait_until(lambda: "unknown" in json.dumps(self.shop.environments()), "the run is known of")
        self.assertEqual(["orders"], self.shop.ledger("shop-production"))

    def test_a_silent_host_is_given_up_by_the_glance_alone(self):
        agents = []
        with socket.create_server(("127.0.0.1", 0)) as host:
            def listen():
                while True:
                    try:
                        client, _ = host.accept()
                    except OSError:
                        return
                    clients.append(client)
                    agents.extend(re.findall(rb"(?i)user-agent: (\S+)", client.recv(4096)))
            clients = []
            listener = threading.Thread(target=listen)
            listener.start()
            self.addCleanup(lambda: (listener.join(), [client.close() for client in clients]))
            self.shop.configure(top="git_timeout: 4s", more=[
                (f"silent-{i}", f"http://127.0.0.1:{host.getsockname()[1]}/{i}.git")
                for i in range(5)])
            self.serve()
            wait_until(lambda: len(set(re.findall(r"silent-\d", self.said()))) == 5,
                       "each is told of")
            self.migrated("shop-production", "orders")
            host.shutdown(socket.SHUT_RDWR)
        self.assertEqual({b"git/bough"}, set(agents))

    def test_silent_hosts_leave_workers_to_others(self):
        """The git protocol has no glance: a silent host keeps the worker that asks it."""
        with socket.create_server(("127.0.0.1", 0)) as host:
            silent = f"git://127.0.0.1:{host.getsockname()[1]}"
            self.shop.configure(top="git_timeout: 10m", more=[
                (f"silent-{i}", f"{silent}/{i}.git") for i in range(8)])
            daemon = self.serve()
            self.migrated("shop-production", "orders")
            self.shop.repository.push("main", app("carts"))
            self.migrated("shop-production", "orders", "carts")
            daemon.kill()
            daemon.wait()

    def test_it_is_ready_while_the_journal_answers(self):
        server = Server(15, debian=True)
        self.addCleanup(server.close)
        server.psql(f"CREATE DATABASE journal OWNER {Server.ADMIN}")
        os.environ["TEAM_PASSWORD"] = Server.PASSWORD
        url = server.url().replace("/postgres?", "/journal?")
        self.shop.configure(top=f"listen: 127.0.0.1:{free_port()}\njournal: {url}\n"
                                "journal_password: {env: TEAM_PASSWORD}")
        self.serve()
        word = lambda: run(["curl", "-s", f"{self.url()}/readyz"]).out
        wait_until(lambda: word() == "ready\n", "it is ready")
        server.stop()
        wait_until(lambda: word() == "not ready\n", "it is not")
        server.run()
        wait_until(lambda: word() == "ready\n", "it is ready again")

    def test_drift_is_repaired_while_git_is_quiet(self):
        self.shop.repository.push("cart", app("carts"))
        daemon = self.serve()
        self.migrated("shop--cart", "carts")
        wait_until(lambda: self.shop.bough("plan", "--detailed-exitcode").status == 0, "it rests")
        self.shop.psql('ALTER ROLE "shop--cart" NOLOGIN')
        wait_until(lambda: self.shop.psql(
            "SELECT 1 FROM pg_roles WHERE rolname = 'shop--cart' AND rolcanlogin"), "a login again")
        self.shop.psql('DROP DATABASE "shop--cart" WITH (FORCE)')
        self.migrated("shop--cart", "carts")
        self.assertEqual(["orders"], self.shop.ledger("shop-production"))
        self.end(daemon)

    def test_a_stopped_daemon_ends_a_build_and_tries_it_again_later(self):
        nap, name = self.shop.nap()
        wait = f"test -e {self.shop.home}/go || {nap}"
        self.shop.configure(sandbox="off")
        self.shop.repository.push("main", app("orders", build=wait))
        daemon = self.serve()
        wait_until(lambda: processes_with(name), "the build is under way")
        self.end(daemon)
        self.assertEqual({}, processes_with(name))
        with open(f"{self.shop.home}/go", "w", encoding="utf-8"):
            pass
        self.serve()
        self.migrated("shop-production", "orders")

    def test_a_stopped_daemon_lets_a_migration_finish(self):
        daemon = self.serve()
        self.migrated("shop-production", "orders")
        self.shop.repository.push("main", app("carts", migrate="sleep 3; psql -qf schema.sql"))
        wait_until(lambda: "running" in json.dumps(self.shop.environments()), "a run is under way")
        self.end(daemon)
        self.assert_settled(self.shop)
        self.assertEqual(["orders", "carts"], self.shop.ledger("shop-production"))

    def test_a_newer_push_ends_a_build(self):
        self.serve()
        self.migrated("shop-production", "orders")
        nap, name = self.shop.nap()
        self.shop.repository.push("main", app("carts", build=nap))
        wait_until(lambda: processes_with(name), "the build is under way")
        self.shop.repository.push("main", app("hits"))
        self.migrated("shop-production", "orders", "hits")
        self.assertEqual({}, processes_with(name))

    def test_a_newer_push_ends_a_build_while_every_worker_has_one(self):
        nap, name = self.shop.nap()
        others = [Repository(f"{self.shop.home}/other{i}.git") for i in range(6)]
        for other in others:
            other.push("main", app("orders", build=nap))
        self.shop.configure(more=[(f"other{i}", f"file://{other.folder}")
                                  for i, other in enumerate(others)])
        self.shop.repository.push("main", app("orders", build=nap))
        self.serve()
        wait_until(lambda: len(processes_with(name)) >= 4, "every worker has a build")
        for repository in (self.shop.repository, *others):
            repository.push("main", app("hits"))
        wait_until(lambda: not processes_with(name), "the builds have ended")
        self.migrated("shop-production", "hits")

    def test_its_log_can_be_json_lines(self):
        daemon = self.serve("--log-format", "json")
        self.migrated("shop-production", "orders")
        self.end(daemon)
        lines = [json.loads(line) for line in self.said().splitlines()]
        self.assertIn("stopped", [line["@message"] for line in lines])

    def test_an_unreachable_repository_is_tried_again(self):
        os.rename(self.shop.repository.folder, f"{self.shop.home}/aside.git")
        self.serve()
        wait_until(lambda: "could not be listed" in self.said(), "it says so")
        os.rename(f"{self.shop.home}/aside.git", self.shop.repository.folder)
        self.migrated("shop-production", "orders")

    def test_sigint_stops_it_too(self):
        daemon = self.serve()
        self.migrated("shop-production", "orders")
        daemon.send_signal(signal.SIGINT)
        self.assertEqual(0, daemon.wait(PATIENCE), self.said())


class SideBySide(BoughTest):
    def test_two_applies_at_once_do_the_work_once(self):
        shop = self.world()
        names = ["main", *(f"b{number}" for number in range(5))]
        shop.repository.push_all({name: app("orders") for name in names})
        done = []
        threads = [threading.Thread(target=lambda: done.append(shop.apply())) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(2, len(done))
        self.assertTrue({one.status for one in done} <= {0, 5}, "\n".join(map(str, done)))
        self.assertEqual(6, len(shop.databases()))
        for name in shop.databases():
            self.assertEqual(["orders"], shop.ledger(name))
        self.assert_settled(shop)


    def test_an_interrupted_apply_ends_its_build_and_can_be_repeated(self):
        shop = self.world(sandbox="off")
        nap, name = shop.nap()
        shop.repository.push("main", app("orders", build=f"test -e {shop.home}/go || {nap}"))
        child = subprocess.Popen(shop.words("apply", "--yes"), stdout=subprocess.DEVNULL)
        self.addCleanup(lambda: (child.kill(), child.wait()))
        wait_until(lambda: processes_with(name), "the build is under way")
        child.send_signal(signal.SIGINT)
        self.assertEqual(1, child.wait(PATIENCE))
        self.assertEqual({}, processes_with(name))
        with open(f"{shop.home}/go", "w", encoding="utf-8"):
            pass
        self.assert_exit(0, shop.apply())
        self.assertEqual(["orders"], shop.ledger("shop-production"))


class SavedPlans(BoughTest):
    def setUp(self):
        self.shop = self.world()
        self.shop.repository.push("main", app("orders"))
        self.file = f"{self.shop.home}/plan.json"

    def save(self):
        self.assert_exit(0, self.shop.bough("plan", "--out", self.file))

    def test_a_saved_plan_is_carried_out_without_asking(self):
        self.save()
        self.assert_exit(0, self.shop.bough("apply", self.file))
        self.assertEqual([["orders"]], query("SELECT version FROM ledger", self.shop.env()))

    def test_row_56_after_a_push_it_is_stale(self):
        self.save()
        self.shop.repository.push("main", app("carts"))
        self.assert_exit(3, self.shop.bough("apply", self.file))
        self.assertFalse(os.path.exists(f"{self.shop.data}/dev"))

    def test_row_56_after_it_was_carried_out_it_is_stale(self):
        self.save()
        self.assert_exit(0, self.shop.bough("apply", self.file))
        self.assert_exit(3, self.shop.bough("apply", self.file))

    def test_row_56_an_edited_plan_is_refused(self):
        self.save()
        with open(self.file, encoding="utf-8") as file:
            text = file.read()
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text.replace("schema.sql", "other.sql"))
        self.assert_exit(3, self.shop.bough("apply", self.file))
        self.assertFalse(os.path.exists(f"{self.shop.data}/dev"))

    def test_row_56_a_plan_of_another_installation_is_refused(self):
        other = self.world()
        other.repository.push("main", app("orders"))
        self.assert_exit(0, other.bough("plan", "--out", self.file))
        self.assert_exit(0, self.shop.bough("plan"))
        self.assert_exit(3, self.shop.bough("apply", self.file))
        self.assertFalse(os.path.exists(f"{self.shop.data}/dev"))

    def test_it_is_readable_by_its_owner_only(self):
        self.save()
        self.assertEqual(0o600, os.stat(self.file).st_mode & 0o777)

    def test_a_plan_of_one_branch_leaves_the_others(self):
        self.shop.repository.push("cart", app("carts"))
        self.assert_exit(0, self.shop.bough("plan", "--branch", "cart", "--out", self.file))
        self.assert_exit(0, self.shop.bough("apply", self.file))
        self.assertEqual(["shop--cart"], self.shop.databases())

    def test_a_working_copy_can_be_planned(self):
        copy = f"{self.shop.home}/copy"
        self.shop.repository.git("clone", "-q", self.shop.repository.folder, copy)
        with open(f"{copy}/app.yaml", "w", encoding="utf-8") as file:
            file.write(spec().replace("name: db", "name: other"))
        document = self.shop.plan("shop", "--local", copy)
        self.assertEqual({"other"}, {one["component"] for one in document["changes"]
                                     if "component" in one})


if __name__ == "__main__":
    unittest.main()
