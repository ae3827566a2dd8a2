import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { getJobNotices } from "@/api/notices";
import { asSentence } from "@/api/problem";
import type { Job, JobNotices } from "@/api/types";
import { Alert } from "@/components/ui/alert";
import { TimeAgo } from "@/components/Time";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { useResource } from "@/hooks/useResource";
import { useSettled } from "@/hooks/useSettled";
import { strings } from "@/lib/strings";
import { policyWords } from "./policy";

const t = strings.notices;

const SETTLE_MS = 500;

/** What is told about a job, read again when its status or its settings have changed: once for a burst of runs. */
export function useJobNotices(job: Job | undefined) {
  const notices = useResource(job ? `job/${job.job_id}/notices` : null, (signal) => getJobNotices(job?.job_id ?? "", signal), { live: true });
  const again = useSettled(notices.reload, SETTLE_MS);
  const state = job ? `${job.status}/${job.last_run?.run_id ?? ""}/${job.version}` : "";
  const seen = useRef("");
  useEffect(() => {
    if (seen.current && seen.current !== state) again();
    seen.current = state;
  }, [state, again]);
  return notices.data;
}

/** The trouble that a job is in. */
export function IncidentNote({ job, notices }: { job: Job; notices: JobNotices | undefined }) {
  const incident = notices?.incident;
  if (!incident) return null;
  const latest = incident.troubles.at(-1) ?? "";
  // The latest run stands below, with what it said.
  const told = incident.latest.run_id !== null && incident.latest.run_id === job.last_run?.run_id;
  return (
    <Alert tone="error" title={t.incident[latest] ?? latest} className="mb-4">
      {incident.latest.message && !told ? <span className="block">{asSentence(incident.latest.message)}</span> : null}
      <span className="text-xs">
        {t.since} <TimeAgo at={incident.opened_at} />
        {incident.failures > 0 ? ` · ${t.failures(incident.failures)}` : ""}
        {incident.latest.run_id ? (
          <>
            {" · "}
            <Link to={`/runs/${incident.latest.run_id}`} className="rounded-sm underline underline-offset-2">
              {t.latestRun}
            </Link>
          </>
        ) : null}
      </span>
    </Alert>
  );
}

/** What the owner is told about a job. */
export function NoticesCard({ job, notices }: { job: Job; notices: JobNotices | undefined }) {
  if (!notices) return null;
  const words = policyWords(notices.effective);
  return (
    <Card>
      <CardHeader
        title={t.title}
        actions={
          <Link to={notices.own ? `/jobs/${job.job_id}/edit` : "/account/notices"} className="rounded-sm text-sm font-medium text-accent-text underline-offset-4 hover:underline">
            {strings.common.edit}
          </Link>
        }
      />
      <CardBody className="text-sm text-ink-2">
        <p>{words.length > 0 ? `${t.told}: ${words.join(", ")}.` : t.nothing}</p>
        <p className="mt-1 text-xs text-ink-3">{notices.own ? t.own : t.account}</p>
      </CardBody>
    </Card>
  );
}
