import { CircleAlert, CircleCheck, WandSparkles } from "lucide-react";
import { lazy, Suspense, useMemo } from "react";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/cn";
import { byteLength, formatBytes } from "@/lib/format";
import { checkJson } from "@/lib/json";
import { strings } from "@/lib/strings";
import { PAYLOAD_LIMIT } from "./jobRules";

const JsonEditor = lazy(() => import("@/components/JsonEditor"));
const t = strings.jobs;

interface PayloadFieldProps {
  value: string;
  onChange: (text: string) => void;
  error?: string;
}

/** The payload: an editor that says at once whether the JSON is good, and how big it is. */
export function PayloadField({ value, onChange, error }: PayloadFieldProps) {
  const check = useMemo(() => (value.trim() ? checkJson(value) : null), [value]);
  const size = byteLength(value);
  const bad = check !== null && !check.ok;
  return (
    <div className="flex flex-col gap-1.5">
      <div className={cn("overflow-hidden rounded-lg border border-line-strong shadow-1", (bad || error) && "border-danger")}>
        <div className="flex min-h-9 flex-wrap items-center justify-between gap-x-3 border-b border-line bg-surface-2 py-1 pl-3 pr-1.5 text-xs text-ink-3">
          <span className={cn("flex items-center gap-1.5", bad && "text-danger-text", check?.ok && "text-ok-text")}>
            {check === null ? null : bad ? <CircleAlert className="size-3.5" aria-hidden /> : <CircleCheck className="size-3.5" aria-hidden />}
            <span role="status">{check === null ? t.payloadEmpty : bad ? t.payloadLine(check.message ?? "", check.line ?? 1, check.column ?? 1) : t.payloadOk}</span>
          </span>
          <span className="flex items-center gap-2">
            <span className={cn("tnum", size > PAYLOAD_LIMIT && "font-medium text-danger-text")}>{t.payloadSize(formatBytes(size))}</span>
            <Button variant="ghost" size="sm" className="h-7 px-2 text-xs" disabled={!check?.ok} onClick={() => check?.formatted && onChange(check.formatted)}>
              <WandSparkles className="!size-3.5" aria-hidden />
              {t.format}
            </Button>
          </span>
        </div>
        <Suspense fallback={<Skeleton className="m-3 h-38" />}>
          <JsonEditor value={value} onChange={onChange} label={t.payload} placeholder={'{ "customer": 4711 }'} invalid={bad || Boolean(error)} />
        </Suspense>
      </div>
      {error ? (
        <p className="flex items-start gap-1.5 text-sm text-danger-text" role="alert">
          <CircleAlert className="mt-[3px] size-3.5 shrink-0" aria-hidden />
          {error}
        </p>
      ) : null}
    </div>
  );
}
