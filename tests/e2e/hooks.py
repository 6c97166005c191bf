"""Webhooks as a Git host sends them."""

import hashlib
import hmac
import json
import urllib.error
import urllib.request

SECRET = "a secret of the hook"


def hooks(world, *providers):
    """The repository's setting, with the secret in a file."""
    path = f"{world.home}/hook-secret"
    with open(path, "w", encoding="utf-8") as file:
        file.write(SECRET + "\n")
    return [{"provider": one, "secret": {"file": path}} for one in providers]


def listening(world, *providers, **settings):
    """A configuration whose daemon hears of pushes by webhooks alone."""
    world.configure(**{"poll": "1h", "top": "listen: 127.0.0.1:0",
                       "webhooks": hooks(world, *providers), **settings})


def path_of(world, number=0):
    return world.bough("webhooks", "shop", "--json").json()["webhooks"][number]["path"]


def post(url, body, headers):
    """The status and the document of the answer."""
    headers = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def code(body, secret=SECRET):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def github(body, event="push", delivery="", secret=SECRET):
    headers = {"X-GitHub-Event": event,
               "X-Hub-Signature-256": "sha256=" + code(body, secret)}
    return headers | ({"X-GitHub-Delivery": delivery} if delivery else {})


def push_of(repository, branch, before="0" * 40):
    return json.dumps({"ref": f"refs/heads/{branch}", "before": before,
                       "after": repository.tip(branch)}).encode()
