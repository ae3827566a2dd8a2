import { useMemo } from "react";
import type { HttpResult } from "@/api/engine";
import { CodeBlock, JsonBlock } from "@/components/Code";
import { DescriptionList } from "@/components/Page";
import { Badge } from "@/components/ui/badge";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { checkJson } from "@/lib/json";
import { strings } from "@/lib/strings";

const t = strings.runs;

export const isHttpResult = (result: unknown): result is HttpResult =>
  typeof result === "object" && result !== null && typeof (result as HttpResult).status === "number" && typeof (result as HttpResult).body === "string";

function HttpAnswer({ result }: { result: HttpResult }) {
  const check = useMemo(() => (/^\s*[[{]/.test(result.body) ? checkJson(result.body) : null), [result.body]);
  const json = check?.ok ?? false;
  const headers = Object.entries(result.headers ?? {});
  return (
    <div className="flex flex-col gap-4">
      {headers.length > 0 ? (
        <details className="group rounded-lg border border-line px-3 py-2">
          <summary className="text-sm font-medium text-ink-2 hover:text-ink">{t.http.headers(headers.length)}</summary>
          <DescriptionList className="pt-3 font-mono text-xs" items={headers.map(([term, value]) => ({ term, value: String(value) }))} />
        </details>
      ) : null}
      {result.body === "" ? <p className="text-sm text-ink-3">{t.http.empty}</p> : <CodeBlock text={json ? (check?.formatted ?? result.body) : result.body} json={json} label={t.http.body} showSize />}
      {result.truncated ? <p className="text-xs text-wait-text">{t.http.truncated}</p> : null}
    </div>
  );
}

/** What the run left behind; an answer over HTTP as such. */
export function RunResult({ result }: { result: unknown }) {
  if (result === null || result === undefined) return null;
  const http = isHttpResult(result);
  return (
    <Card>
      <CardHeader title={t.result} actions={http ? <Badge tone={result.status < 400 ? "ok" : "fail"}>HTTP {result.status}</Badge> : null} />
      <CardBody>{http ? <HttpAnswer result={result} /> : <JsonBlock value={result} label={t.result} />}</CardBody>
    </Card>
  );
}
