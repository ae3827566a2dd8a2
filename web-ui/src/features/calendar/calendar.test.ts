import { describe, expect, it } from "vitest";
import type { Job, Run } from "@/api/types";
import { lanesOf } from "@/features/timeline/layout";
import { clashesOf, countHours, extrapolate, type Agenda } from "./agenda";

const HOUR = 3_600_000;
const job = (job_id: string) => ({ job_id, job_name: job_id }) as Job;
const agenda = (id: string, instants: number[]): Agenda => ({ job: job(id), instants, hours: countHours(instants), about: new Set() });

describe("the calendar", () => {
  it("counts by the hour, and goes on at the same rate where it was not told", () => {
    const quarter = Array.from({ length: 8 }, (_, index) => index * 900_000);
    expect([...countHours(quarter)]).toEqual([[0, 4], [HOUR, 4]]);
    const { hours, about } = extrapolate(quarter, 4 * HOUR);
    expect([...hours.values()]).toEqual([4, 4, 4, 4]);
    expect([...about]).toEqual([HOUR, 2 * HOUR, 3 * HOUR]);
  });
  it("names the minutes in which jobs meet", () => {
    const clashes = clashesOf([agenda("a", [0, HOUR]), agenda("b", [20_000]), agenda("c", [HOUR, 5 * HOUR])]);
    expect(clashes.map(({ at, jobs }) => [at, jobs.map(({ job_id }) => job_id)])).toEqual([[0, ["a", "b"]], [HOUR, ["a", "c"]]]);
  });
});

describe("the timeline", () => {
  it("puts runs that overlap under each other", () => {
    const run = (run_id: string, from: number, to: number | null, job_id = "j") => ({ run_id, job_id, job_name: job_id, created_at: new Date(from).toISOString(), finished_at: to === null ? null : new Date(to).toISOString() }) as Run;
    const [lane, other] = lanesOf([run("c", 5000, null), run("a", 0, 4000), run("b", 2000, 6000), run("x", 0, 1, "k")], 9000, 0);
    expect(lane?.rows.map((row) => row.map(({ run_id }) => run_id))).toEqual([["a", "c"], ["b"]]);
    expect(other?.jobName).toBe("k");
  });
});
