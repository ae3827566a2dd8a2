import { Ban, Copy, Ellipsis, Pause, Pencil, Play, SquareArrowOutUpRight, Trash2 } from "lucide-react";
import { useNavigate } from "react-router";
import type { Job } from "@/api/types";
import { Button } from "@/components/ui/button";
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuSeparator, DropdownMenuTrigger } from "@/components/ui/dropdown-menu";
import { strings } from "@/lib/strings";
import { isUnderWay, type JobActions } from "./useJobActions";

const t = strings.jobs;

/** Run or cancel at once, the rest behind the dots. */
export function JobRowActions({ job, actions }: { job: Job; actions: JobActions }) {
  const busy = actions.busy === job.job_id;
  const underWay = isUnderWay(job);
  return (
    <div className="flex items-center justify-end gap-0.5">
      {underWay ? (
        <Button variant="ghost" size="iconSm" disabled={busy} aria-label={t.cancelOne(job.job_name)} title={t.cancelRun} onClick={() => void actions.cancel(job)}>
          <Ban aria-hidden />
        </Button>
      ) : (
        <Button variant="ghost" size="iconSm" disabled={busy} aria-label={t.runOne(job.job_name)} title={t.runNow} onClick={() => void actions.run(job)}>
          <Play aria-hidden />
        </Button>
      )}
      <JobMenu job={job} actions={actions} inRow />
    </div>
  );
}

export function JobMenu({ job, actions, inRow = false }: { job: Job; actions: JobActions; inRow?: boolean }) {
  const navigate = useNavigate();
  const underWay = isUnderWay(job);
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant={inRow ? "ghost" : "secondary"} size={inRow ? "iconSm" : "icon"} aria-label={t.more(job.job_name)}>
          <Ellipsis aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        {inRow ? (
          <>
            <DropdownMenuItem onSelect={() => void navigate(`/jobs/${job.job_id}`)}>
              <SquareArrowOutUpRight aria-hidden />
              {t.open}
            </DropdownMenuItem>
            {underWay ? (
              <DropdownMenuItem onSelect={() => void actions.cancel(job)}>
                <Ban aria-hidden />
                {t.cancelRun}
              </DropdownMenuItem>
            ) : (
              <DropdownMenuItem onSelect={() => void actions.run(job)}>
                <Play aria-hidden />
                {t.runNow}
              </DropdownMenuItem>
            )}
            <DropdownMenuItem onSelect={() => void navigate(`/jobs/${job.job_id}/edit`)}>
              <Pencil aria-hidden />
              {t.edit}
            </DropdownMenuItem>
          </>
        ) : null}
        <DropdownMenuItem onSelect={() => void navigate(`/jobs/new?from=${job.job_id}`)}>
          <Copy aria-hidden />
          {t.duplicate}
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={() => void actions.togglePause(job)}>
          {job.paused ? <Play aria-hidden /> : <Pause aria-hidden />}
          {job.paused ? t.resume : t.pause}
        </DropdownMenuItem>
        <DropdownMenuSeparator />
        <DropdownMenuItem danger onSelect={() => void actions.remove(job)}>
          <Trash2 aria-hidden />
          {t.delete}
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
