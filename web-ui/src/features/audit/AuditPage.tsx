import { Download, History, SearchX } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { exportAudit, listAudit, type AuditQuery } from "@/api/audit";
import type { AuditEntry } from "@/api/types";
import { useFeedback } from "@/components/Feedback";
import { FilterChip } from "@/components/FilterChip";
import { LoadMore, PageBody } from "@/components/Page";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Select } from "@/components/ui/input";
import { AccountHeader } from "@/features/account/AccountTabs";
import { saveFile } from "@/features/runs/logText";
import { usePages } from "@/hooks/usePages";
import { useTitle } from "@/hooks/useTitle";
import { serverNow } from "@/lib/clock";
import { shortId } from "@/lib/format";
import { strings } from "@/lib/strings";
import { AuditRow } from "./AuditRow";

const t = strings.audit;
const idOf = (entry: AuditEntry) => entry.audit_id;
const DAY_MS = 86_400_000;
type Window = keyof typeof t.windows;
const WINDOWS = Object.keys(t.windows).sort((a, b) => (a === "all" ? -1 : b === "all" ? 1 : Number(a) - Number(b))) as Window[];

/** What the address asks for; words that are none are left out. A window begins at a whole minute, so that a reload asks the same. */
export function auditQueryFrom(params: URLSearchParams, now: number): { query: AuditQuery; window: Window } {
  const action = params.getAll("action").filter((word) => word in t.actions);
  const window = WINDOWS.find((word) => word === params.get("days")) ?? "all";
  const id = (name: string) => (/^[0-9a-f-]{36}$/i.test(params.get(name) ?? "") ? (params.get(name) ?? undefined) : undefined);
  const after = window === "all" ? undefined : new Date(Math.floor((now - Number(window) * DAY_MS) / 60_000) * 60_000).toISOString();
  return {
    window,
    query: { ...(action.length > 0 ? { action } : {}), ...(id("actor_id") ? { actor_id: id("actor_id") } : {}), ...(id("target_id") ? { target_id: id("target_id") } : {}), ...(after ? { created_after: after } : {}) },
  };
}

/** Who did what to the account and what is in it. */
export function Component() {
  useTitle(t.title);
  const [params, setParams] = useSearchParams();
  const text = params.toString();
  const { query, window } = useMemo(() => auditQueryFrom(new URLSearchParams(text), serverNow()), [text]);
  const load = useCallback((cursor: string | null, signal?: AbortSignal) => listAudit(query, cursor, signal), [query]);
  const list = usePages(`audit?${text}`, load, idOf, { live: true });
  const { failed } = useFeedback();
  const [busy, setBusy] = useState(false);
  const { items, error } = list;
  const put = (name: string, value: string | null) =>
    setParams((known) => {
      const next = new URLSearchParams(known);
      if (value) next.set(name, value);
      else next.delete(name);
      return next;
    });
  const save = async () => {
    setBusy(true);
    try {
      saveFile("activity.csv", await exportAudit(query), "text/csv");
    } catch (problem) {
      failed(t.exportFailed, problem);
    } finally {
      setBusy(false);
    }
  };

  return (
    <PageBody>
      <AccountHeader />
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <p className="mr-auto max-w-xl basis-full text-sm text-ink-2 lg:basis-auto">{t.text}</p>
        <Select aria-label={t.action} value={query.action?.[0] ?? ""} className="w-52" onChange={(event) => put("action", event.target.value || null)}>
          <option value="">{t.anyAction}</option>
          {Object.entries(t.actions).map(([word, label]) => (
            <option key={word} value={word}>
              {label}
            </option>
          ))}
        </Select>
        <Select aria-label={t.when} value={window} className="w-40" onChange={(event) => put("days", event.target.value === "all" ? null : event.target.value)}>
          {WINDOWS.map((word) => (
            <option key={word} value={word}>
              {t.windows[word]}
            </option>
          ))}
        </Select>
        <Button size="icon" busy={busy} aria-label={t.export} title={t.export} onClick={() => void save()}>
          {busy ? null : <Download aria-hidden />}
        </Button>
      </div>
      <div className="mb-3 flex flex-wrap gap-2 empty:hidden">
        {(["actor_id", "target_id"] as const).map((name) =>
          query[name] ? (
            <FilterChip key={name} removeLabel={t.removeFilter} onRemove={() => put(name, null)}>
              {name === "actor_id" ? t.byOne : t.aboutOne} <code className="text-xs">{shortId(query[name])}</code>
            </FilterChip>
          ) : null,
        )}
      </div>
      <Card className="overflow-hidden" aria-busy={list.loading || undefined}>
        {error && !items ? (
          <ErrorState problem={error} onRetry={list.reload} />
        ) : !items ? (
          <LoadingRows />
        ) : items.length === 0 ? (
          <Message icon={text ? SearchX : History} title={text ? t.noMatch : t.empty} actions={text ? <Button onClick={() => setParams({})}>{strings.jobs.clearFilters}</Button> : undefined} />
        ) : (
          <ol aria-label={t.list}>
            {items.map((entry) => (
              <AuditRow key={entry.audit_id} entry={entry} />
            ))}
          </ol>
        )}
        <LoadMore hasMore={list.hasMore} busy={list.loadingMore} failed={list.moreError !== null} onClick={list.loadMore} />
      </Card>
    </PageBody>
  );
}
