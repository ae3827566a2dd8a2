import { CodeBlock } from "@/components/Code";
import { strings } from "@/lib/strings";

const t = strings.jobs;

export function ApiSnippets({ jobId }: { jobId: string }) {
  const base = `${location.origin}/api/v1`;
  const run = `curl -X POST ${base}/run-job/${jobId} \\\n  -H "Authorization: Bearer $TOKEN" \\\n  -H "Content-Type: application/json" \\\n  -d '{"status": "Running"}'`;
  const read = `curl ${base}/job/${jobId} \\\n  -H "Authorization: Bearer $TOKEN"`;
  return (
    <div className="flex flex-col gap-4">
      <p className="text-sm text-ink-2">{t.apiText}</p>
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
