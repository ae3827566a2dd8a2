import { AxiosError, AxiosHeaders } from "axios";
import { describe, expect, it } from "vitest";
import { fieldErrors, pointerToField, Problem, problemFromBody, toProblem } from "./problem";

const failure = (status: number, data: unknown, headers = {}) =>
  new AxiosError("failed", undefined, undefined, undefined, { status, data, statusText: "", headers, config: { headers: new AxiosHeaders() } });

describe("toProblem", () => {
  it("reads problem+json", () => {
    const problem = toProblem(failure(422, { title: "Not valid", code: "validation_failed", request_id: "r1", errors: [{ pointer: "/email", code: "invalid", message: "No e-mail" }] }));
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ status: 422, code: "validation_failed", requestId: "r1" });
    expect(problem.errors[0]).toMatchObject({ pointer: "/email", message: "No e-mail" });
  });
  it("makes something of an answer that is none of ours", () => {
    expect(toProblem(failure(502, "<html>Bad Gateway"))).toMatchObject({ status: 502, code: "http_502", errors: [] });
  });
  it("calls a dead line offline", () => {
    expect(toProblem(new AxiosError("Network Error", AxiosError.ERR_NETWORK)).offline).toBe(true);
  });
  it("passes problems on and wraps everything else", () => {
    const known = problemFromBody(404, { code: "not_found" });
    expect(toProblem(known)).toBe(known);
    expect(toProblem(new TypeError("oops"))).toMatchObject({ code: "client_error", message: "oops" });
  });
  it("reads Retry-After from the body or the header", () => {
    expect(problemFromBody(429, { retry_after: 7 }).retryAfter).toBe(7);
    expect(problemFromBody(429, {}, { "retry-after": "9" }).retryAfter).toBe(9);
    expect(problemFromBody(429, {}).retryAfter).toBeNull();
  });
});

describe("fieldErrors", () => {
  const errors = [
    { pointer: "/executor/duration_ms", code: "range", message: "too long" },
    { pointer: "/tags/2", code: "length", message: "tag too long" },
    { pointer: "/unknown", code: "unknown_field", message: "not known" },
    { pointer: "", code: "invalid", message: "all wrong" },
  ];
  it("sorts by field, deeper pointers to their field, the rest aside", () => {
    const { byField, rest } = fieldErrors(new Problem({ status: 422, code: "x", title: "x", errors }), ["executor", "executor.duration_ms", "tags"]);
    expect(byField).toEqual({ "executor.duration_ms": "Too long.", tags: "Tag too long." });
    expect(rest).toEqual(["unknown: not known", "All wrong."]);
  });
  it("knows the field of a refusal that names none", () => {
    const taken = new Problem({ status: 409, code: "external_id_taken", title: "Conflict", detail: "another job of yours has this external_id" });
    expect(fieldErrors(taken, ["external_id"]).byField).toEqual({ external_id: "Another job of yours has this external_id." });
    expect(fieldErrors(taken, ["url"]).byField).toEqual({});
  });
  it("reads pointers, escapes too", () => {
    expect(pointerToField("/a~1b/c~0d/0")).toBe("a/b.c~d.0");
    expect(pointerToField("#/a")).toBe("a");
  });
});
