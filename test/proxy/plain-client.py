"""Uses a namespace at a proxy with nothing but Python's standard library: plain-client.py URL TOKEN."""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request

URL, TOKEN = sys.argv[1:3]


def ask(method, path, body=None, **headers):
    headers = {"Authorization": f"Bearer {TOKEN}", **headers}
    request = urllib.request.Request(URL + path, data=body, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def path_of(kind, key):
    return f"/{kind}/{urllib.parse.quote(key, safe='')}"


def code_of(body):
    return json.loads(body)["errors"][0]["code"]


def use(key):
    value = "ein Wert ".encode() + bytes(range(256))
    assert ask("PUT", path_of("values", key) + "?expiration_ttl=3600", value)[0] == 200
    status, headers, found = ask("GET", path_of("values", key))
    assert (status, found) == (200, value), (status, found)
    assert int(headers["Expiration"]) > 0

    pairs = [{"key": key, "value": "text", "metadata": {"n": 1}}, {"key": "other", "value": "2"}]
    status, _, body = ask("PUT", "/bulk", json.dumps(pairs).encode(), **{"Content-Type": "application/json"})
    assert (status, json.loads(body)["result"]["successful_key_count"]) == (200, 2), body
    assert json.loads(ask("GET", path_of("metadata", key))[2])["result"] == {"n": 1}
    wanted = json.dumps({"keys": [key, "none"], "withMetadata": True}).encode()
    values = json.loads(ask("POST", "/bulk/get", wanted)[2])["result"]["values"]
    assert values == {key: {"value": "text", "metadata": {"n": 1}}, "none": None}, values
    names = [listed["name"] for listed in json.loads(ask("GET", "/keys")[2])["result"]]
    assert sorted(names) == sorted([key, "other"]), names

    assert ask("DELETE", path_of("values", key))[0] == 200
    assert ask("DELETE", path_of("values", "other"))[0] == 200
    status, _, body = ask("GET", path_of("values", key))
    assert (status, code_of(body)) == (404, 10009), body


def is_refused():
    status, _, body = ask("GET", "/keys", Authorization="Bearer wrong")
    assert (status, code_of(body)) == (403, 10000), (status, body)


def is_told_when_to_come_back():
    status, headers, body = ask("GET", path_of("values", "a"), Prefer="wait=1")
    assert (status, code_of(body)) == (429, 971), (status, body)
    assert int(headers["Retry-After"]) > 1, headers["Retry-After"]


if sys.argv[3:] == ["spent"]:
    is_told_when_to_come_back()
else:
    for key in ["plain", "a/path//with ?query&#", "ключ 🔑", "%2F"]:
        use(key)
    is_refused()
