import { GitCompareArrows } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Table, Td, Th } from "@/components/ui/table";
import { strings } from "@/lib/strings";
import { draftFrom } from "./jobForm";
import type { JobValues } from "./jobValues";

const t = strings.jobs;

const labels: Record<string, string> = {
  job_name: t.name,
  priority: t.priority,
  description: t.description,
  tags: t.tags,
  external_id: t.externalId,
  payload: t.payload,
  executor: t.action,
  schedule: strings.schedules.title,
  timeout_seconds: t.timeout,
  run_timeout_seconds: t.runTimeout,
  retry: t.retries,
  overlap: t.overlap,
  max_running: t.maxRunning,
  catch_up: t.catchUp,
  notices: strings.notices.title,
};

/** What the API would be told, a line each; a draft that cannot be made yet shows as typed. */
function versionOf(values: JobValues): Record<string, string> {
  let draft: Record<string, unknown>;
  try {
    draft = { ...draftFrom(values) };
  } catch {
    draft = { ...draftFrom({ ...values, payload: "" }), payload: values.payload };
  }
  return Object.fromEntries(Object.entries(draft).map(([key, value]) => [key, shown(value)]));
}

function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (Array.isArray(value)) return value.map(shown).join(", ") || "–";
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .map(([key, part]) => `${key}: ${typeof part === "object" ? JSON.stringify(part) : String(part)}`)
    .join("\n");
}

interface ConflictPanelProps {
  mine: JobValues;
  theirs: JobValues;
  onTakeTheirs: () => void;
}

/** The job changed while it was being edited: both versions, field by field. Stands inside the form, so "mine" is a submit. */
export function ConflictPanel({ mine, theirs, onTakeTheirs }: ConflictPanelProps) {
  const own = versionOf(mine);
  const saved = versionOf(theirs);
  const keys = Object.keys(labels).filter((key) => own[key] !== saved[key]);
  return (
    <Card role="alert" className="overflow-hidden border-wait-solid" data-conflict>
      <div className="flex gap-3 bg-wait-soft px-5 py-4 text-wait-text">
        <GitCompareArrows className="mt-0.5 size-5 shrink-0" aria-hidden />
        <div>
          <h2 className="text-base font-semibold">{t.conflictTitle}</h2>
          <p className="text-sm">{t.conflictText}</p>
        </div>
      </div>
      {keys.length === 0 ? (
        <p className="px-5 py-4 text-sm text-ink-2">{t.conflictSame}</p>
      ) : (
        <Table label={t.conflictTitle}>
          <thead>
            <tr>
              <Th>{t.conflictField}</Th>
              <Th>{t.conflictMine}</Th>
              <Th>{t.conflictTheirs}</Th>
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => (
              <tr key={key}>
                <Td className="whitespace-nowrap font-medium text-ink">{labels[key]}</Td>
                <Td className="max-w-60 whitespace-pre-wrap break-words text-ok-text">{own[key]}</Td>
                <Td className="max-w-60 whitespace-pre-wrap break-words">{saved[key]}</Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      <div className="flex flex-wrap justify-end gap-2 border-t border-line bg-surface-2 px-5 py-3">
        <Button onClick={onTakeTheirs}>{t.conflictTakeTheirs}</Button>
        <Button variant="primary" type="submit">
          {t.conflictKeepMine}
        </Button>
      </div>
    </Card>
  );
}
