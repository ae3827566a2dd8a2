import { GitCompareArrows } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Table, Td, Th } from "@/components/ui/table";
import { strings } from "@/lib/strings";
import type { JobValues } from "./jobForm";

const t = strings.jobs;

const labels: Partial<Record<keyof JobValues, string>> = {
  job_name: t.name,
  priority: t.priority,
  description: t.description,
  tags: t.tags,
  external_id: t.externalId,
  payload: t.payload,
  duration_seconds: t.duration,
  outcome: t.outcome,
  timeout_seconds: t.timeout,
  max_attempts: t.attempts,
  backoff: t.backoff,
  initial_seconds: t.initial,
  max_seconds: t.maximum,
};

const shown = (value: JobValues[keyof JobValues]) => (Array.isArray(value) ? value.join(", ") : String(value)) || "–";

interface ConflictPanelProps {
  mine: JobValues;
  theirs: JobValues;
  onTakeTheirs: () => void;
}

/** The job changed while it was being edited: both versions, field by field. Stands inside the form, so "mine" is a submit. */
export function ConflictPanel({ mine, theirs, onTakeTheirs }: ConflictPanelProps) {
  const keys = (Object.keys(labels) as (keyof JobValues)[]).filter((key) => shown(mine[key]) !== shown(theirs[key]));
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
                <Td className="max-w-60 whitespace-pre-wrap break-words text-ok-text">{shown(mine[key])}</Td>
                <Td className="max-w-60 whitespace-pre-wrap break-words">{shown(theirs[key])}</Td>
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
