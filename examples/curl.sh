#!/bin/sh
# Orders, waiting and reading with curl alone: sh examples/curl.sh https://news.example/a https://news.example/b
# SERVER is the address of embedkeep; TOKEN one of its API_TOKENS, where it has any.
set -eu
SERVER=${SERVER:-http://127.0.0.1:8080}
api() { curl -sS --fail-with-body ${TOKEN:+-H "Authorization: Bearer $TOKEN"} "$@"; }
batch="curl-$(date +%s)-$$"

# Up to 10,000 orders in a call, a JSON object a line. The same key with the same body gives the same answer for 24 h,
# so a call that was cut off can simply be made again.
for url in "$@"; do
  printf '{"url":"%s","reference":"%s","tags":["example"]}\n' "$url" "$batch"
done > "/tmp/$batch.ndjson"
for attempt in first again; do
  api -X POST "$SERVER/v1/articles" -H 'Content-Type: application/x-ndjson' \
    -H "Idempotency-Key: $batch" --data-binary "@/tmp/$batch.ndjson" > "/tmp/$batch.$attempt"
done
cmp -s "/tmp/$batch.first" "/tmp/$batch.again"
cat "/tmp/$batch.first"; echo

# Until none of the batch is unfinished. Better than asking: a webhook (embedkeep webhooks add …).
for state in accepted running waiting; do
  while ! api "$SERVER/v1/articles?reference=$batch&state=$state&limit=1" | grep -q '"items":\[\]'; do sleep 1; done
done
api "$SERVER/v1/articles?reference=$batch"; echo

# An article with its runs, captures and embedded posts; its URL, percent-encoded, does for an id.
id=$(sed 's/.*"articleId":"\([0-9a-f]*\)".*/\1/' "/tmp/$batch.first")
api "$SERVER/v1/articles/$id"; echo
rm -f "/tmp/$batch".*
