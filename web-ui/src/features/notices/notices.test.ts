import { describe, expect, it } from "vitest";
import { changesBetween, creationFrom } from "@/features/jobs/jobForm";
import { emptyValues } from "@/features/jobs/jobValues";
import { validateJob } from "@/features/jobs/jobRules";
import { emptyNotices, noticeValuesFrom, policyFrom, policyWords, remindRule } from "./policy";

const named = { ...emptyValues, job_name: "Nightly" };

describe("a policy", () => {
  it("comes back from the form as it went", () => {
    const policy = { failure: true, final_failure: false, missed: true, late: false, recovery: false, remind_hours: 24 };
    expect(policyFrom(noticeValuesFrom(policy))).toEqual(policy);
    expect(policyFrom(noticeValuesFrom({ ...policy, remind_hours: null })).remind_hours).toBeNull();
  });
  it("is told in words, or as nothing", () => {
    const policy = policyFrom(emptyNotices);
    expect(policyWords(policy)).toEqual(["Failed", "Missed", "Works again"]);
    expect(policyWords({ ...policy, missed: false, remind_hours: 6 })).toEqual(["Failed", "Works again", "a reminder every 6 h"]);
    expect(policyWords({ failure: false, final_failure: false, missed: false, late: false, recovery: false, remind_hours: null })).toEqual([]);
  });
  it("has reminders of whole hours", () => {
    for (const fine of ["", " ", "1", "720"]) expect(remindRule(fine)).toBeUndefined();
    for (const bad of ["0", "721", "1.5", "x", "-1"]) expect(remindRule(bad)).toBeDefined();
  });
});

describe("the form of a job", () => {
  const own = { ...named, own_notices: true };
  it("sends nothing while the choice of the account holds", () => expect(creationFrom(named)).not.toHaveProperty("notices"));
  it("sends its own choice", () => expect(creationFrom(own).notices).toEqual(policyFrom(emptyNotices)));
  it("says when its own choice is given up", () => expect(changesBetween(own, named)).toEqual({ notices: null }));
  it("judges reminders only where they are shown", () => {
    const notices = { ...emptyNotices, remind_hours: "999" };
    expect(validateJob({ ...own, notices })["notices.remind_hours"]).toBeDefined();
    expect(validateJob({ ...named, notices })["notices.remind_hours"]).toBeUndefined();
  });
});
