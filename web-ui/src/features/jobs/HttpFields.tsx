import { Lock, LockOpen, Plus, X } from "lucide-react";
import type { ReactNode } from "react";
import { HTTP_METHODS, type HttpMethod } from "@/api/engine";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input, Select, Textarea } from "@/components/ui/input";
import { Segmented } from "@/components/ui/segmented";
import { strings } from "@/lib/strings";
import { alwaysSecret, HIDDEN, sendsBody, type HeaderRow, type HttpValues } from "./httpForm";
import type { SectionProps } from "./FormSections";

const t = strings.jobs.http;

export function HttpFields({ values, set, errors }: SectionProps) {
  const http = values.http;
  const change = (changes: Partial<HttpValues>) => set("http", { ...http, ...changes });
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-[8rem_minmax(0,1fr)]">
        <Field label={t.method} error={errors["executor.method"]}>
          {(control) => (
            <Select {...control} value={http.method} onChange={(event) => change({ method: event.target.value as HttpMethod })}>
              {HTTP_METHODS.map((method) => (
                <option key={method}>{method}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={t.url} error={errors["executor.url"]} hint={t.urlHint}>
          {(control) => (
            <Input {...control} type="url" inputMode="url" autoCapitalize="none" spellCheck={false} placeholder="https://api.example.com/invoices/export" value={http.url} onChange={(event) => change({ url: event.target.value })} />
          )}
        </Field>
      </div>
      <Headers rows={http.headers} onChange={(headers) => change({ headers })} error={errors["executor.headers"] ?? errors["executor.secret_headers"]} />
      <div className="flex min-w-0 flex-col gap-1.5">
        <span className="text-sm font-medium text-ink">{t.body}</span>
        <Segmented<HttpValues["body_kind"]>
          label={t.body}
          value={http.body_kind}
          onChange={(body_kind) => change({ body_kind })}
          options={BODY_KINDS.map((value) => ({ value, label: t.bodyKinds[value] }))}
          className="w-full sm:w-fit"
        />
        {http.body_kind === "payload" ? (
          <p className="text-xs text-ink-3">{sendsBody(http.method) ? t.payloadIsBody : t.noBody(http.method)}</p>
        ) : (
          <Field label={<span className="sr-only">{t.bodyText}</span>} error={errors["executor.body"]}>
            {(control) => <Textarea {...control} rows={6} spellCheck={false} autoCapitalize="none" placeholder={http.body_kind === "json" ? '{ "customer": "{{payload.customer}}", "run": "{{run.id}}" }' : undefined} value={http.body} onChange={(event) => change({ body: event.target.value })} className="font-mono text-xs sm:text-xs" />}
          </Field>
        )}
        <Placeholders />
      </div>
      <Field label={t.expect} error={errors["executor.expect"]} hint={t.expectHint}>
        {(control) => <Input {...control} autoCapitalize="none" spellCheck={false} value={http.expect} onChange={(event) => change({ expect: event.target.value })} className="max-w-64 font-mono" />}
      </Field>
    </>
  );
}

const BODY_KINDS = ["payload", "json", "text"] as const;
const PLACEHOLDERS = ["payload.customer", "run.id", "run.attempt", "run.planned_at", "job.name"];
const SENT_ALWAYS = ["Idempotency-Key", "X-Scheduler-Job-Id", "X-Scheduler-Run-Id", "X-Scheduler-Attempt", "X-Scheduler-Planned-At"];
const Code = ({ children }: { children: ReactNode }) => <code className="mr-1 inline-block rounded bg-surface-3 px-1 text-2xs text-ink-2">{children}</code>;

/** What can be filled in, and what every request carries anyway. */
function Placeholders() {
  return (
    <div className="mt-1 flex flex-col gap-1 text-xs text-ink-3">
      <p>
        {t.placeholders} {PLACEHOLDERS.map((name) => <Code key={name}>{`{{${name}}}`}</Code>)}
      </p>
      <p>
        {t.sentAlways} {SENT_ALWAYS.map((name) => <Code key={name}>{name}</Code>)}
      </p>
    </div>
  );
}

function Headers({ rows, onChange, error }: { rows: HeaderRow[]; onChange: (rows: HeaderRow[]) => void; error: string | undefined }) {
  const put = (index: number, changes: Partial<HeaderRow>) => onChange(rows.map((row, at) => (at === index ? { ...row, ...changes } : row)));
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1.5 text-sm font-medium text-ink">
        {t.headers} <span className="font-normal text-ink-3">{strings.common.optional}</span>
      </legend>
      <div className="flex flex-col gap-2">
        {rows.map((row, index) => {
          const fixed = alwaysSecret(row.name);
          const secret = row.secret || fixed;
          const name = row.name.trim() || t.headerNumber(index + 1);
          return (
            <div key={index} className="grid grid-cols-[minmax(0,1fr)_auto_auto] gap-1.5 sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto_auto]" data-header={row.name}>
              <Input aria-label={t.headerName(index + 1)} aria-invalid={error ? true : undefined} placeholder="X-Team" autoCapitalize="none" spellCheck={false} value={row.name} onChange={(event) => put(index, { name: event.target.value })} className="col-span-3 sm:col-span-1" />
              <Input
                aria-label={t.headerValue(name)}
                autoCapitalize="none"
                autoComplete="off"
                spellCheck={false}
                type={secret && row.value !== HIDDEN ? "password" : "text"}
                value={row.value}
                onFocus={(event) => row.value === HIDDEN && event.target.select()}
                onChange={(event) => put(index, { value: event.target.value })}
              />
              <Button size="icon" aria-pressed={secret} disabled={fixed} title={fixed ? t.alwaysSecret : secret ? t.isSecret : t.makeSecret} aria-label={t.secretOf(name)} onClick={() => put(index, { secret: !row.secret, ...(row.value === HIDDEN ? { value: "" } : {}) })}>
                {secret ? <Lock className="text-accent-text" aria-hidden /> : <LockOpen aria-hidden />}
              </Button>
              <Button size="icon" variant="ghost" aria-label={t.removeHeader(name)} onClick={() => onChange(rows.filter((_, at) => at !== index))}>
                <X aria-hidden />
              </Button>
            </div>
          );
        })}
        {error ? (
          <p className="text-sm text-danger-text" role="alert">
            {error}
          </p>
        ) : null}
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Button size="sm" onClick={() => onChange([...rows, { name: "", value: "", secret: false }])}>
            <Plus aria-hidden />
            {t.addHeader}
          </Button>
          {rows.length > 0 ? <p className="text-xs text-ink-3">{t.secretHint}</p> : null}
        </div>
      </div>
    </fieldset>
  );
}
