import { Ban, Pause, Play, RotateCcw, Tags, Trash2, type LucideIcon } from "lucide-react";
import { cancelJob, deleteJob, getJob, pauseJob, resumeJob, runJob, updateJob } from "@/api/jobs";
import { toProblem } from "@/api/problem";
import type { Job } from "@/api/types";

export const BULK_ACTIONS = ["run", "pause", "resume", "cancel", "tag", "delete"] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];
export const bulkIcons: Record<BulkAction, LucideIcon> = { run: Play, pause: Pause, resume: RotateCcw, cancel: Ban, tag: Tags, delete: Trash2 };

/** The tags of a job with more of them; null when it has them all. */
export function withTags(job: Pick<Job, "tags">, more: readonly string[]): string[] | null {
  const added = more.filter((tag) => !job.tags.includes(tag));
  return added.length > 0 ? [...job.tags, ...added] : null;
}

/** An edit that came between is no reason to fail: tags are added to what the job is now. */
async function addTags(job: Job, more: readonly string[]): Promise<void> {
  const tags = withTags(job, more);
  if (!tags) return;
  try {
    await updateJob(job.job_id, job.version, { tags });
  } catch (error) {
    if (toProblem(error).status !== 412) throw error;
    const now = await getJob(job.job_id);
    const again = withTags(now, more);
    if (again) await updateJob(now.job_id, now.version, { tags: again });
  }
}

/** What an action does to one job. */
export function bulkWork(action: BulkAction, tags: readonly string[]): (job: Job) => Promise<unknown> {
  switch (action) {
    case "run":
      return (job) => runJob(job.job_id);
    case "pause":
      return (job) => pauseJob(job.job_id);
    case "resume":
      return (job) => resumeJob(job.job_id);
    case "cancel":
      return (job) => cancelJob(job.job_id);
    case "tag":
      return (job) => addTags(job, tags);
    case "delete":
      return (job) => deleteJob(job.job_id, job.version);
  }
}
