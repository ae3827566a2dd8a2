import { useMemo } from "react";
import { useSearchParams } from "react-router";
import { createJob, getJob } from "@/api/jobs";
import { idempotent } from "@/api/client";
import { useFeedback } from "@/components/Feedback";
import { PageBody, PageHeader } from "@/components/Page";
import { LoadingRows } from "@/components/States";
import { useAuth } from "@/features/auth/AuthProvider";
import { ProblemPage } from "@/features/errors/pages";
import { useResource } from "@/hooks/useResource";
import { useTitle } from "@/hooks/useTitle";
import { strings } from "@/lib/strings";
import { JobForm } from "./JobForm";
import { creationFrom, duplicateFrom } from "./jobForm";
import { emptyValuesIn } from "./jobValues";

const t = strings.jobs;

export function Component() {
  useTitle(t.newTitle);
  const [params] = useSearchParams();
  const { toast } = useFeedback();
  const from = params.get("from");
  const source = useResource(from ? `job/${from}` : null, (signal) => getJob(from ?? "", signal));
  // One key for the whole form: pressed twice, or sent again after a lost answer, it makes one job.
  const key = useMemo(idempotent, []);

  const { ownZone: zone } = useAuth();
  const sample = source.data;
  const initial = useMemo(() => (sample ? duplicateFrom(sample, zone) : emptyValuesIn(zone)), [sample, zone]);

  if (from && source.error) return <ProblemPage problem={source.error} onRetry={source.reload} />;
  return (
    <PageBody>
      <PageHeader title={t.newTitle} trail={[{ label: t.title, to: "/jobs" }]} />
      {from && !source.data ? (
        <LoadingRows className="panel" />
      ) : (
        <JobForm
          initial={initial}
          submitLabel={t.create}
          secondLabel={t.createAndRun}
          backTo="/jobs"
          onSave={async (values, run) => {
            const body = { ...creationFrom(values), ...(run ? { run: true } : {}) };
            const job = await createJob(body, keyFor(key, body));
            toast({ tone: "ok", title: t.created(job.job_name) });
            return `/jobs/${job.job_id}`;
          }}
        />
      )}
    </PageBody>
  );
}

/** The same key only for the same content: another body under it would be refused as a mismatch. */
const used = new WeakMap<object, string>();
function keyFor(key: ReturnType<typeof idempotent>, body: unknown): ReturnType<typeof idempotent> {
  const content = JSON.stringify(body);
  const before = used.get(key);
  if (before !== undefined && before !== content) Object.assign(key.headers, idempotent().headers);
  used.set(key, content);
  return key;
}
