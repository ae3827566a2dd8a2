export type SnippetLanguage = "curl" | "javascript" | "python";

/** A small worker in three languages: claims, works, tells how it went. */
export function workerSnippets(origin: string, queue: string): Record<SnippetLanguage, string> {
  const base = `${origin}/api/v1`;
  const name = JSON.stringify(queue);
  return {
    python: `import json, os, urllib.request

def call(path, body):
    request = urllib.request.Request("${base}" + path, json.dumps(body).encode(), {
        "Authorization": "Bearer " + os.environ["TOKEN"], "Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)

while True:
    claim = call("/worker/claim", {"queues": [${name}], "max": 1, "wait_seconds": 20,
                                   "lease_seconds": 30, "worker_name": "worker-1"})
    for item in claim["data"]:
        run, token = "/worker/runs/" + item["run"]["run_id"], item["lease_token"]
        try:
            print("working on", item["payload"])   # your work goes here
            call(run + "/heartbeat", {"lease_token": token, "progress": 50})
            call(run + "/complete", {"lease_token": token, "result": {"ok": True}})
        except Exception as error:
            call(run + "/fail", {"lease_token": token, "error": {"message": str(error)}})`,
    javascript: `const call = async (path, body) => {
  const answer = await fetch("${base}" + path, {
    method: "POST",
    headers: { Authorization: \`Bearer \${process.env.TOKEN}\`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
};

for (;;) {
  const { data } = await call("/worker/claim", {
    queues: [${name}], max: 1, wait_seconds: 20, lease_seconds: 30, worker_name: "worker-1",
  });
  for (const { run, payload, lease_token } of data) {
    const path = \`/worker/runs/\${run.run_id}\`;
    try {
      console.log("working on", payload); // your work goes here
      await call(path + "/heartbeat", { lease_token, progress: 50 });
      await call(path + "/complete", { lease_token, result: { ok: true } });
    } catch (error) {
      await call(path + "/fail", { lease_token, error: { message: String(error) } });
    }
  }
}`,
    curl: `# take one run (waits up to 20 s for it)
curl -X POST ${base}/worker/claim \\
  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -d '{"queues": [${name}], "max": 1, "wait_seconds": 20, "lease_seconds": 30, "worker_name": "worker-1"}'

# tell how it went, with the run_id and lease_token of the answer
curl -X POST ${base}/worker/runs/$RUN_ID/complete \\
  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -d '{"lease_token": "'$LEASE_TOKEN'", "result": {"ok": true}}'`,
  };
}
