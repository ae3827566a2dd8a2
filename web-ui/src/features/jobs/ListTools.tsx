import { Bookmark, Columns3, Download, Trash2 } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { JobQuery } from "@/api/jobs";
import { useFeedback } from "@/components/Feedback";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { DropdownMenu, DropdownMenuCheckboxItem, DropdownMenuContent, DropdownMenuItem, DropdownMenuLabel, DropdownMenuSeparator, DropdownMenuTrigger } from "@/components/ui/dropdown-menu";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { saveFile } from "@/features/runs/logText";
import { useStored } from "@/hooks/useStored";
import { toCsv } from "@/lib/csv";
import { focusFirstField } from "@/lib/focus";
import { strings } from "@/lib/strings";
import { allMatching } from "./useSelection";
import { paramsFromQuery } from "./useJobQuery";

const t = strings.jobs.tools;
export const COLUMNS = ["priority", "schedule", "next", "recent", "last", "created"] as const;
export type Column = (typeof COLUMNS)[number];

interface View {
  name: string;
  search: string;
}
const isViews = (value: unknown): value is View[] => Array.isArray(value) && value.every((view) => typeof (view as View)?.name === "string" && typeof (view as View)?.search === "string");
const standard: View[] = [
  { name: t.failing, search: "status=Failed" },
  { name: t.now, search: "status=Running&status=Pending" },
];

interface ListToolsProps {
  query: JobQuery;
  hidden: readonly string[];
  onHidden: (hidden: string[]) => void;
}

/** Saved views, columns, CSV. */
export function ListTools({ query, hidden, onHidden }: ListToolsProps) {
  const [busy, setBusy] = useState(false);
  const { failed } = useFeedback();
  const csv = async () => {
    setBusy(true);
    try {
      const jobs = await allMatching(query);
      const head = ["job_id", "job_name", "status", "priority", "tags", "executor", "schedule", "paused", "next_run_at", "last_run_status", "last_run_finished_at", "last_run_duration_ms", "external_id", "created_at", "updated_at"];
      const rows = jobs.map((job) => [job.job_id, job.job_name, job.status, job.priority, job.tags, job.executor.type, job.schedule, job.paused, job.next_run_at, job.last_run?.status, job.last_run?.finished_at, job.last_run?.duration_ms, job.external_id, job.created_at, job.updated_at]);
      saveFile("jobs.csv", toCsv(head, rows), "text/csv");
    } catch (error) {
      failed(t.csvFailed, error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Views query={query} />
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button size="icon" aria-label={t.columns} title={t.columns} className="hidden md:inline-flex">
            <Columns3 aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuLabel>{t.columns}</DropdownMenuLabel>
          {COLUMNS.map((column) => (
            <DropdownMenuCheckboxItem
              key={column}
              checked={!hidden.includes(column)}
              onSelect={(event) => event.preventDefault()}
              onCheckedChange={(on) => onHidden(on ? hidden.filter((name) => name !== column) : [...hidden, column])}
            >
              {t.columnNames[column]}
            </DropdownMenuCheckboxItem>
          ))}
        </DropdownMenuContent>
      </DropdownMenu>
      <Button size="icon" busy={busy} aria-label={t.csv} title={t.csv} onClick={() => void csv()}>
        {busy ? null : <Download aria-hidden />}
      </Button>
    </>
  );
}

function Views({ query }: { query: JobQuery }) {
  const [own, setOwn] = useStored<View[]>("views", [], isViews);
  const [naming, setNaming] = useState(false);
  const [name, setName] = useState("");
  const navigate = useNavigate();
  const search = paramsFromQuery(query).toString();
  const save = () => {
    const trimmed = name.trim();
    if (!trimmed) return;
    setOwn([...own.filter((view) => view.name !== trimmed), { name: trimmed, search }]);
    setNaming(false);
    setName("");
  };
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button size="icon" aria-label={t.views} title={t.views}>
            <Bookmark aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end" className="w-60">
          <DropdownMenuLabel>{t.views}</DropdownMenuLabel>
          {[...standard, ...own].map((view) => (
            <DropdownMenuItem key={view.name} onSelect={() => void navigate(`/jobs?${view.search}`)}>
              <Bookmark aria-hidden />
              <span className="truncate">{view.name}</span>
            </DropdownMenuItem>
          ))}
          <DropdownMenuSeparator />
          <DropdownMenuItem disabled={search === ""} onSelect={() => setNaming(true)}>
            {t.saveView}
          </DropdownMenuItem>
          {own.map((view) => (
            <DropdownMenuItem key={view.name} danger onSelect={() => setOwn(own.filter((other) => other !== view))}>
              <Trash2 aria-hidden />
              <span className="truncate">{t.removeView(view.name)}</span>
            </DropdownMenuItem>
          ))}
        </DropdownMenuContent>
      </DropdownMenu>
      <Dialog open={naming} onOpenChange={setNaming}>
        {naming ? (
          <DialogContent title={t.saveView} onOpenAutoFocus={focusFirstField} description={t.saveText}>
            <form
              className="flex flex-col gap-4"
              onSubmit={(event) => {
                event.preventDefault();
                save();
              }}
            >
              <Field label={t.viewName}>{(control) => <Input {...control} maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />}</Field>
              <Button type="submit" variant="primary" className="self-end">
                {t.saveShort}
              </Button>
            </form>
          </DialogContent>
        ) : null}
      </Dialog>
    </>
  );
}
