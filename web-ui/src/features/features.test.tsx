import { fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import type { Run } from "@/api/types";
import { safeNext } from "./auth/challenge";
import { digitsOf, OtpInput } from "./auth/OtpInput";
import { emailRule, passwordRule } from "./auth/rules";
import { codeIn } from "./mailbox/MailboxPage";
import { layoutBars, niceMax } from "./overview/chart";
import { progressOf } from "./runs/RunProgress";
import { initials } from "./shell/UserMenu";
import { headersText, isEverything, parseHeaders } from "./webhooks/events";

describe("the code field", () => {
  function Harness({ onComplete }: { onComplete: (digits: string) => void }) {
    const [value, setValue] = useState("");
    return (
      <>
        <label htmlFor="otp">Code</label>
        <OtpInput id="otp" value={value} onChange={setValue} onComplete={onComplete} />
      </>
    );
  }
  it("takes a paste with blanks and words, and completes once", () => {
    const done = vi.fn();
    render(<Harness onComplete={done} />);
    const input = screen.getByLabelText<HTMLInputElement>("Code");
    expect(input.autocomplete).toBe("one-time-code");
    fireEvent.paste(input, { clipboardData: { getData: () => "Your code: 4930 1866." } });
    expect(input.value).toBe("49301866");
    expect(done).toHaveBeenCalledExactlyOnceWith("49301866");
  });
  it("lets nothing but digits in", () => {
    render(<Harness onComplete={() => undefined} />);
    const input = screen.getByLabelText<HTMLInputElement>("Code");
    fireEvent.change(input, { target: { value: "12a3" } });
    expect(input.value).toBe("123");
    expect(digitsOf("123456789012")).toBe("12345678");
  });
});

describe("log-in", () => {
  it("leads only to pages of this dashboard", () => {
    expect(safeNext("/jobs?status=Failed")).toBe("/jobs?status=Failed");
    for (const evil of ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", null, undefined]) expect(safeNext(evil)).toBe("/");
  });
  it("counts characters, not bytes, of a password", () => {
    expect(passwordRule("ünïcödé-ß")).toBeDefined();
    expect(passwordRule("ünïcödé-ß€")).toBeUndefined();
    expect(passwordRule("😀".repeat(128))).toBeUndefined();
    expect(passwordRule("😀".repeat(129))).toBeDefined();
    expect(emailRule("ada@example.com")).toBeUndefined();
    expect(emailRule("ada")).toBeDefined();
  });
  it("finds the code of a mail on its own line only", () => {
    expect(codeIn("Hello\n\n  49301866\n\nbye")).toBe("49301866");
    expect(codeIn("order 49301866 is here")).toBeNull();
  });
});

describe("overview", () => {
  it("rounds the axis up to a friendly number", () => expect([0, 3, 5, 11, 23, 47, 120].map(niceMax)).toEqual([4, 4, 5, 20, 40, 50, 200]));
  it("stacks the bars within the box", () => {
    const { bars, max } = layoutBars([{ at: "a", completed: 8, failed: 1, cancelled: 1 }, { at: "b", completed: 0, failed: 0, cancelled: 0 }], 100, 100);
    expect(max).toBe(10);
    expect(bars[0]?.segments.map(({ kind }) => kind)).toEqual(["completed", "cancelled", "failed"]);
    expect(Math.min(...bars[0]!.segments.map(({ y }) => y))).toBeCloseTo(0);
    expect(bars[1]).toMatchObject({ total: 0, segments: [] });
    expect(layoutBars([], 100, 100).bars).toEqual([]);
  });
});

describe("progress of a run", () => {
  const run = { status: "Running", started_at: "2026-11-24T12:00:00Z", progress: null } as Run;
  const now = Date.parse("2026-11-24T12:00:01.5Z");
  const simulated = { type: "simulated", duration_ms: 3000, outcome: "Completed" } as const;
  it("follows the clock for simulated runs, within its bounds", () => {
    expect(progressOf(run, simulated, now)).toBe(50);
    expect(progressOf(run, simulated, now + 60_000)).toBe(100);
    expect(progressOf(run, simulated, now - 60_000)).toBe(0);
    expect(progressOf(run, { ...simulated, duration_ms: 0 }, now)).toBe(100);
  });
  it("believes the run itself first, and admits when nobody knows", () => {
    expect(progressOf({ ...run, progress: 30 }, simulated, now)).toBe(30);
    expect(progressOf(run, { type: "worker", queue: "default" }, now)).toBeNull();
  });
});

describe("webhooks", () => {
  it("reads header lines and names the bad one", () => {
    expect(parseHeaders("X-Team: billing\n\nX-Empty:")).toEqual({ headers: { "X-Team": "billing", "X-Empty": "" }, bad: null });
    expect(parseHeaders("X-Team billing").bad).toBe("X-Team billing");
    expect(headersText({ A: "b", C: "d" })).toBe("A: b\nC: d");
  });
  it("knows the word for everything", () => {
    expect(isEverything(["*"])).toBe(true);
    expect(isEverything([])).toBe(true);
    expect(isEverything(["run.failed"])).toBe(false);
  });
});

describe("initials", () => {
  it("come from any name", () => expect(["Ada Lovelace", "Plato", "  ", "Jean Luc Picard"].map(initials)).toEqual(["AL", "P", "?", "JP"]));
});
