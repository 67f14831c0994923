#!/usr/bin/env bash
# Captures the samples anew: installs the SDKs, runs both services against the capture server and
# lets the reference's marshaler make the other forms. Needs python3, node, go and the package
# registries. Ids, times and durations differ from run to run; the rest does not.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
samples=$(dirname "$here")
oracle=$samples/../oracle
work=${WORK:-$(mktemp -d)}
port=${PORT:-4318}
url=http://127.0.0.1:$port

[ -d "$work/venv" ] || python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q -r "$here/requirements.txt"
mkdir -p "$work/node"
cp "$here/package.json" "$here/front.mjs" "$work/node/"
(cd "$work/node" && npm install --silent --no-audit --no-fund)
(cd "$oracle" && go build -o oracle .)

rm -rf "$work/out"
python3 "$here/server.py" "$work/out" "$port" &
server=$!
trap 'kill $server' EXIT
for _ in $(seq 50); do
  python3 -c "import socket; socket.create_connection(('127.0.0.1', $port))" 2>/dev/null && break
  sleep 0.1
done
# Compiled under another name, so that stack traces hold no path of this machine.
run="exec(compile(open('$here/shop.py').read(), '/app/shop.py', 'exec'))"
"$work/venv/bin/python" -c "$run" "$url"
(cd "$work/node" && node front.mjs json "$url" && node front.mjs proto "$url")

rm -rf "$samples/sdk" "$samples/marshaler" "$samples/fileexporter"
mkdir -p "$samples/sdk" "$samples/marshaler" "$samples/fileexporter"
cp "$work"/out/* "$samples/sdk/"

# The reference's marshaler writes fields in reverse order.
for signal in traces metrics logs; do
  "$oracle/oracle" -convert -signal $signal -from proto -to proto "$samples/sdk/python-$signal.pb" > "$samples/marshaler/$signal.pb"
  "$oracle/oracle" -convert -signal $signal -from proto -to json "$samples/sdk/python-$signal.pb" > "$samples/marshaler/$signal.json"
done
"$oracle/oracle" -convert -to proto "$here/summary.json" > "$samples/marshaler/summary.pb"
"$oracle/oracle" -convert -to json "$here/summary.json" > "$samples/marshaler/summary.json"

# The file exporter's forms. JSON lines mix signals.
lines=("$samples"/marshaler/{metrics,logs,summary}.json "$samples"/sdk/node-json-{logs,traces,metrics}.json)
"$oracle/oracle" -convert -to jsonl "${lines[@]}" > "$samples/fileexporter/mixed.jsonl"
logs=("$samples/marshaler/logs.json" "$samples/sdk/node-json-logs.json" "$samples/marshaler/logs.json")
for form in framed zstd zstd-json gzip; do
  "$oracle/oracle" -convert -to $form "${logs[@]}" > "$samples/fileexporter/logs.$form"
done
"$oracle/oracle" -convert -to jsonl "${logs[@]}" | gzip -9n > "$samples/fileexporter/logs.jsonl.gz"
du -sh "$samples"
