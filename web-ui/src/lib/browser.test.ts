import { afterEach, describe, expect, it, vi } from "vitest";
import { learnClock, serverNow } from "./clock";
import { copyText } from "./copy";
import { randomId } from "./ids";
import { jobStatusOf, runIsOver, statusLook } from "./status";

afterEach(() => vi.useRealTimers());

describe("copyText", () => {
  it("works without navigator.clipboard, as on plain HTTP", async () => {
    let copied = "";
    document.execCommand = vi.fn(() => {
      copied = (document.activeElement as HTMLTextAreaElement).value;
      return true;
    });
    const button = document.createElement("button");
    document.body.append(button);
    button.focus();
    await expect(copyText("whsec_abc")).resolves.toBe(true);
    expect(copied).toBe("whsec_abc");
    expect(document.activeElement).toBe(button);
    expect(document.querySelector("textarea")).toBeNull();
  });
});

describe("ids", () => {
  it("are UUIDs of version 4, and differ", () => {
    expect(randomId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(randomId()).not.toBe(randomId());
  });
});

describe("clock", () => {
  it("corrects a clock that is wrong, and leaves one alone that is nearly right", () => {
    vi.useFakeTimers({ now: Date.parse("2026-11-24T12:00:00Z") });
    learnClock("Tue, 24 Nov 2026 12:10:00 GMT");
    expect(serverNow() - Date.now()).toBe(600_500);
    learnClock("Tue, 24 Nov 2026 12:00:01 GMT");
    expect(serverNow()).toBe(Date.now());
    learnClock("no date");
    expect(serverNow()).toBe(Date.now());
  });
});

describe("status", () => {
  it("has colour, icon and word for each, also for unknown ones", () => {
    for (const word of ["Pending", "Queued", "Running", "Retrying", "Completed", "Failed", "Cancelled", "Brandnew"]) {
      const look = statusLook(word);
      expect(look.word).toBe(word);
      expect(look.icon).toBeDefined();
      expect(look.tone).toBeDefined();
    }
  });
  it("knows when a run is over, and what its job shows", () => {
    expect(["Completed", "Failed", "Cancelled"].every(runIsOver)).toBe(true);
    expect(["Queued", "Running", "Retrying"].some(runIsOver)).toBe(false);
    expect(jobStatusOf("Retrying")).toBe("Pending");
    expect(jobStatusOf("Running")).toBe("Running");
  });
});
