import { getCadence } from "@/api/jobs";
import type { Job } from "@/api/types";
import { Alert } from "@/components/ui/alert";
import { everyWords } from "@/features/schedules/words";
import { useResource } from "@/hooks/useResource";
import { formatDuration } from "@/lib/format";
import { strings } from "@/lib/strings";

const t = strings.jobs;

/** "Every 20 s asked, 60 s real, because runs take 50 s": only when the two differ. */
export function CadenceLine({ job }: { job: Job }) {
  const cadence = useResource(job.schedule ? `job/${job.job_id}/cadence` : null, (signal) => getCadence(job.job_id, signal));
  const { data } = cadence;
  if (!data?.asked_seconds || !data.real_seconds || data.real_seconds < data.asked_seconds * 1.1) return null;
  return (
    <Alert tone="warn" title={t.cadence(everyWords(Math.round(data.asked_seconds)), formatDuration(data.real_seconds * 1000))} className="mb-4">
      {data.explanation}
    </Alert>
  );
}
