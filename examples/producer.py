#!/usr/bin/env python3
"""Orders articles, waits until they are done and prints the posts they embed. Standard library only.

python3 examples/producer.py https://news.example/a https://news.example/b
SERVER is the address of embedkeep; TOKEN one of its API_TOKENS, where it has any.
"""
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

SERVER = os.environ.get("SERVER", "http://127.0.0.1:8080")
UNFINISHED = {"accepted", "running", "waiting"}


def call(path, orders=None, key=None):
    """One call of the API; a failure is told with its stable code."""
    headers = {"content-type": "application/json"}
    if "TOKEN" in os.environ:
        headers["authorization"] = "Bearer " + os.environ["TOKEN"]
    if key:
        headers["idempotency-key"] = key
    body = None if orders is None else json.dumps(orders).encode()
    request = urllib.request.Request(SERVER + path, data=body, headers=headers)
    for attempt in range(5):
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            problem = json.load(error)
            if "items" in problem:  # every order was refused: each says why
                return problem
            if error.code not in (429, 503, 507) or attempt == 4:
                sys.exit(f"{problem['code']}: {problem['detail']}")
            # The server is full for a moment. The key makes the repetition harmless.
            time.sleep(int(error.headers.get("retry-after", 5)))


def main(urls):
    batch = f"python-{uuid.uuid4()}"
    orders = [{"url": url, "reference": batch, "tags": ["example"]} for url in urls]
    for answer in call("/v1/articles", orders, key=batch)["items"]:
        if answer["status"] == "refused":
            print("refused", answer["url"], answer["reason"]["code"], file=sys.stderr)
    query = urllib.parse.urlencode({"reference": batch, "limit": 1000})
    while True:
        articles = call(f"/v1/articles?{query}")["items"]
        if not any(article["run"]["state"] in UNFINISHED for article in articles):
            break
        time.sleep(1)
    for article in articles:
        for embed in call(f"/v1/articles/{article['id']}")["embeds"]:
            author, posted = embed["author"], embed["postedAt"]
            print(article["url"], embed["platform"], embed["postId"], author["handle"], posted["date"], sep="\t")


if __name__ == "__main__":
    main(sys.argv[1:])
