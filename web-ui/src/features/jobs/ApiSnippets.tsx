import { useState } from "react";
import { CodeBlock } from "@/components/Code";
import { Segmented } from "@/components/ui/segmented";
import { strings } from "@/lib/strings";

const t = strings.jobs;
const LANGUAGES = ["curl", "javascript", "python"] as const;
type Language = (typeof LANGUAGES)[number];

function snippets(base: string, jobId: string): Record<Language, { run: string; read: string }> {
  const run = `${base}/jobs/${jobId}/runs`;
  const read = `${base}/jobs/${jobId}`;
  return {
    curl: {
      run: `curl -X POST ${run} \\\n  -H "Authorization: Bearer $TOKEN" \\\n  -H "Content-Type: application/json" \\\n  -H "Idempotency-Key: $(uuidgen)" \\\n  -d '{"payload": {"customer": 4711}}'`,
      read: `curl ${read} \\\n  -H "Authorization: Bearer $TOKEN"`,
    },
    javascript: {
      run: `const answer = await fetch("${run}", {\n  method: "POST",\n  headers: {\n    Authorization: \`Bearer \${process.env.TOKEN}\`,\n    "Content-Type": "application/json",\n    "Idempotency-Key": crypto.randomUUID(),\n  },\n  body: JSON.stringify({ payload: { customer: 4711 } }),\n});\nif (!answer.ok) throw new Error((await answer.json()).title);\nconst run = await answer.json();\nconsole.log(run.run_id, run.status);`,
      read: `const answer = await fetch("${read}", {\n  headers: { Authorization: \`Bearer \${process.env.TOKEN}\` },\n});\nconst job = await answer.json();\nconsole.log(job.status, job.next_run_at);`,
    },
    python: {
      run: `import os, uuid, requests\n\nanswer = requests.post(\n    "${run}",\n    headers={\n        "Authorization": f"Bearer {os.environ['TOKEN']}",\n        "Idempotency-Key": str(uuid.uuid4()),\n    },\n    json={"payload": {"customer": 4711}},\n    timeout=30,\n)\nanswer.raise_for_status()\nprint(answer.json()["run_id"])`,
      read: `import os, requests\n\njob = requests.get(\n    "${read}",\n    headers={"Authorization": f"Bearer {os.environ['TOKEN']}"},\n    timeout=30,\n).json()\nprint(job["status"], job["next_run_at"])`,
    },
  };
}

export function ApiSnippets({ jobId }: { jobId: string }) {
  const [language, setLanguage] = useState<Language>("curl");
  const { run, read } = snippets(`${location.origin}/api/v1`, jobId)[language];
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-sm text-ink-2">{t.apiText}</p>
        <Segmented<Language> label={t.worker.language} value={language} onChange={setLanguage} options={LANGUAGES.map((value) => ({ value, label: t.apiLanguages[value] }))} />
      </div>
      <div>
        <h3 className="mb-1.5 text-sm font-medium">{t.apiRun}</h3>
        <CodeBlock text={run} label={t.apiRun} />
      </div>
      <div>
        <h3 className="mb-1.5 text-sm font-medium">{t.apiRead}</h3>
        <CodeBlock text={read} label={t.apiRead} />
      </div>
    </div>
  );
}
