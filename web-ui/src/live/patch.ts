import type { Job, LiveEvent, Run } from "@/api/types";
import { runIsOver } from "@/lib/status";

const isNewer = (candidate: Run, known: Run | null): boolean =>
  !known || candidate.run_id === known.run_id || candidate.created_at >= known.created_at;

/** A job after an event about it. The same object comes back when nothing changed. */
export function patchJob(job: Job, event: LiveEvent): Job {
  if (event.data.job_id !== job.job_id) return job;
  const run = event.data.run ?? null;
  const status = event.data.status ?? job.status;
  const name = event.data.job_name ?? job.job_name;
  if (run) {
    if (!isNewer(run, job.last_run)) return job;
    const completed = run.status === "Completed" ? (run.finished_at ?? job.completed_at) : job.completed_at;
    return { ...job, job_name: name, status, last_run: { ...job.last_run, ...run }, completed_at: completed };
  }
  if (event.type === "job.paused") return { ...job, paused: true };
  if (event.type === "job.resumed") return { ...job, paused: false };
  return status === job.status && name === job.job_name ? job : { ...job, status, job_name: name };
}

/** How far a run has come; an answer that was read earlier than the events about it arrived has come less far. */
const progressOf = (run: Run): number => (runIsOver(run.status) ? Infinity : run.attempt * 4 + ["Queued", "Running", "Retrying"].indexOf(run.status));

/**
 * A run after an answer about it. Answers and events come on lines of their own: what the events already told is not
 * taken back by an answer that was written before.
 */
export const answeredRun = (known: Run, answer: Run): Run => (progressOf(answer) < progressOf(known) ? known : answer);

/** A job after an answer about it, with its latest run as far as it is known. */
export function answeredJob(known: Job, answer: Job): Job {
  if (known.job_id !== answer.job_id) return known;
  const [shown, told] = [known.last_run, answer.last_run];
  if (!shown) return answer;
  const behind = !told || (told.run_id === shown.run_id ? answeredRun(shown, told) === shown : told.created_at < shown.created_at);
  return behind ? { ...answer, status: known.status, last_run: shown, completed_at: known.completed_at } : answer;
}

/** Rows after a batch: patched in place, never reordered. */
export function patchJobs(jobs: Job[], events: LiveEvent[]): Job[] {
  const byJob = new Map<string, LiveEvent[]>();
  for (const event of events) {
    const id = event.data.job_id;
    if (!id) continue;
    const list = byJob.get(id);
    if (list) list.push(event);
    else byJob.set(id, [event]);
  }
  let changed = false;
  const next = jobs.map((job) => {
    const patched = (byJob.get(job.job_id) ?? []).reduce(patchJob, job);
    if (patched !== job) changed = true;
    return patched;
  });
  return changed ? next : jobs;
}

/** A run after an event about it; payload and attempts, which events leave out, stay. */
export function patchRun<T extends Run>(run: T, event: LiveEvent): T {
  const news = event.data.run;
  return news && news.run_id === run.run_id ? { ...run, ...news } : run;
}

/** The runs of one job after a batch: known ones patched, new ones put first. */
export function patchRuns(runs: Run[], events: LiveEvent[], jobId: string): Run[] {
  let next = runs;
  for (const event of events) {
    const news = event.data.run;
    if (!news || event.data.job_id !== jobId) continue;
    const at = next.findIndex((run) => run.run_id === news.run_id);
    if (at >= 0) next = next.map((run, index) => (index === at ? { ...run, ...news } : run));
    else next = [news, ...next];
  }
  return next;
}
