import { renderHook, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { api } from "@/api/client";
import type { Job, Run } from "@/api/types";
import { useRecentRuns } from "./useRecentRuns";

const run = (id: string, job: string) => ({ run_id: id, job_id: job, created_at: `2026-11-27T12:00:0${id.length}Z` }) as unknown as Run;
const job = (id: string, ran = true) => ({ job_id: id, last_run: ran ? run("r", id) : null }) as unknown as Job;

function server(hasMore: boolean) {
  return vi.spyOn(api, "get").mockImplementation((url) => {
    const found = /^\/jobs\/(\w+)\/runs/.exec(url)?.[1];
    const data = found ? [run("old", found)] : [run("n", "busy"), run("nn", "busy")];
    return Promise.resolve({ data: { data, has_more: !found && hasMore, next_cursor: null } });
  });
}

describe("the strips of the jobs list", () => {
  it("are asked for by job where the latest runs of all say nothing, once", async () => {
    const get = server(true);
    const jobs = [job("busy"), job("quiet"), job("never", false)];
    const { result, rerender } = renderHook(({ list }) => useRecentRuns(true, list), { initialProps: { list: jobs } });
    await waitFor(() => expect(result.current.get("quiet")).toHaveLength(1));
    await waitFor(() => expect(result.current.get("busy")).toHaveLength(3));
    rerender({ list: [...jobs] });
    expect(get.mock.calls.map(([url]) => url).sort()).toEqual(["/jobs/busy/runs", "/jobs/quiet/runs", "/runs"]);
  });
  it("are all there when the first answer holds everything", async () => {
    const get = server(false);
    const { result } = renderHook(() => useRecentRuns(true, [job("busy"), job("quiet")]));
    await waitFor(() => expect(result.current.get("busy")).toHaveLength(2));
    expect(get).toHaveBeenCalledTimes(1);
  });
});
