import { useState } from "react";
import { useParams } from "react-router";
import { getJob, updateJob } from "@/api/jobs";
import { toProblem } from "@/api/problem";
import type { Job } from "@/api/types";
import { useFeedback } from "@/components/Feedback";
import { PageBody, PageHeader } from "@/components/Page";
import { LoadingRows } from "@/components/States";
import { useAuth } from "@/features/auth/AuthProvider";
import { ProblemPage } from "@/features/errors/pages";
import { useResource } from "@/hooks/useResource";
import { useTitle } from "@/hooks/useTitle";
import { strings } from "@/lib/strings";
import { ConflictPanel } from "./ConflictPanel";
import { JobForm } from "./JobForm";
import { changesBetween, valuesFrom } from "./jobForm";
import type { JobValues } from "./jobValues";

const t = strings.jobs;

export function Component() {
  useTitle(t.editTitle);
  const { jobId = "" } = useParams();
  const [round, setRound] = useState(0);
  // Its own key: the copy being edited must not change under the person's hands.
  const job = useResource(`job/${jobId}/edit/${round}`, (signal) => getJob(jobId, signal));

  if (job.error && !job.data) return <ProblemPage problem={job.error} onRetry={job.reload} />;
  return (
    <PageBody>
      <PageHeader
        title={t.editTitle}
        trail={[
          { label: t.title, to: "/jobs" },
          { label: job.data?.job_name ?? "…", to: `/jobs/${jobId}` },
        ]}
      />
      {job.data && !job.loading ? (
        <EditForm key={`${job.data.version}/${round}`} job={job.data} onStartOver={() => setRound((number) => number + 1)} />
      ) : (
        <LoadingRows className="panel" />
      )}
    </PageBody>
  );
}

function EditForm({ job, onStartOver }: { job: Job; onStartOver: () => void }) {
  const { toast } = useFeedback();
  const { ownZone: zone } = useAuth();
  const [initial] = useState(() => valuesFrom(job, zone));
  const [conflict, setConflict] = useState<{ mine: JobValues; theirs: Job } | null>(null);
  const page = `/jobs/${job.job_id}`;

  const save = async (values: JobValues, version: number): Promise<boolean> => {
    try {
      const changes = changesBetween(initial, values);
      if (Object.keys(changes).length > 0) await updateJob(job.job_id, version, changes);
      toast({ tone: "ok", title: strings.common.saved });
      return true;
    } catch (error) {
      if (toProblem(error).status !== 412) throw error;
      setConflict({ mine: values, theirs: await getJob(job.job_id) });
      window.scrollTo({ top: 0, behavior: "smooth" });
      return false;
    }
  };

  return (
    <JobForm
      initial={initial}
      submitLabel={strings.common.save}
      backTo={page}
      onSave={async (values) => ((await save(values, conflict ? conflict.theirs.version : job.version)) ? page : null)}
      banner={
        conflict ? (
          <ConflictPanel
            mine={conflict.mine}
            theirs={valuesFrom(conflict.theirs, zone)}
            onTakeTheirs={onStartOver}
          />
        ) : null
      }
    />
  );
}
