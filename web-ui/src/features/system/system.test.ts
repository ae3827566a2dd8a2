import { describe, expect, it } from "vitest";
import type { Setting } from "@/api/types";
import { findSettings } from "./settings";

const setting = (key: string, value: string | null, source: Setting["source"]): Setting => ({ key, variable: `SCHED_${key.toUpperCase()}`, description: `About ${key}`, value, otherwise: value === null ? "no SMS" : null, source, place: source === "environment" ? `SCHED_${key.toUpperCase()}` : null, secret: false });
const settings = [setting("listen", "127.0.0.1:8080", "flag"), setting("retention_days", "30", "default"), setting("sms_url", null, "default"), setting("log", "debug", "environment")];

describe("the configuration", () => {
  it("is found by key, variable, value and words", () => {
    const keys = (search: string, onlySet = false) => findSettings(settings, search, onlySet).map(({ key }) => key);
    expect(keys("")).toHaveLength(4);
    expect(keys("SCHED_LOG")).toEqual(["log"]);
    expect(keys("8080 listen")).toEqual(["listen"]);
    expect(keys("no sms")).toEqual(["sms_url"]);
    expect(keys("", true)).toEqual(["listen", "log"]);
    expect(keys("retention", true)).toEqual([]);
  });
});
