import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { Attempts } from "./DeliveryDialog";

afterEach(cleanup);

describe("attempts of a delivery", () => {
  it("can be told apart by ear: no two regions have one name", () => {
    const attempt = (number: number) => ({
      attempt: number, at: "2026-11-24T12:00:00Z", duration_ms: 12, error: "503", status_code: 503, request_headers: { "webhook-id": "e1" }, response_body: "busy",
    });
    render(<Attempts attempts={[attempt(1), attempt(2)]} />);
    const names = screen.getAllByRole("region").map((region) => region.getAttribute("aria-label"));
    expect(names).toEqual(["Request headers of attempt 2", "Answer of attempt 2", "Request headers of attempt 1", "Answer of attempt 1"]);
  });
});
