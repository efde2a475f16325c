#!/bin/sh
# A batch from the shell: sh examples/batch.sh urls.txt   (a URL a line; # begins a comment)
# EMBEDKEEP is how embedkeep is called here; it finds the server of DATA_DIR, or the one EMBEDKEEP_SERVER names.
set -eu
EMBEDKEEP=${EMBEDKEEP:-npx embedkeep}
batch="shell-$(date +%s)-$$"

$EMBEDKEEP add --file "$1" --reference "$batch" --tag example

# Until none of the batch is unfinished.
for state in accepted running waiting; do
  while ! $EMBEDKEEP list --reference "$batch" --state "$state" --limit 1 --json | grep -q '"items":\[\]'; do sleep 1; done
done

$EMBEDKEEP list --reference "$batch"
# Each article with its posts.
grep -v '^#' "$1" | while read -r url; do
  if [ -n "$url" ]; then $EMBEDKEEP show "$url"; fi
done
