import type { Job } from "@/api/types";
import { ApiSnippets } from "./ApiSnippets";
import { WorkerSnippet } from "./WorkerFields";

/** The same from a program; for worker jobs also the worker. */
export function ApiTab({ job }: { job: Job }) {
  return (
    <>
      <ApiSnippets jobId={job.job_id} />
      {job.executor.type === "worker" ? (
        <div className="mt-6">
          <WorkerSnippet queue={job.executor.queue} />
        </div>
      ) : null}
    </>
  );
}
