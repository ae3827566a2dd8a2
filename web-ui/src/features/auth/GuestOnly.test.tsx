import { act, cleanup, render, screen } from "@testing-library/react";
import { useState } from "react";
import { createMemoryRouter, RouterProvider } from "react-router";
import { afterEach, expect, it, vi } from "vitest";
import { challengeStore } from "./challenge";
import { Component as GuestOnly } from "./GuestOnly";

let renderAgain: () => void = () => undefined;
vi.mock("./AuthProvider", () => ({
  useAuth: () => {
    const [, set] = useState(0);
    renderAgain = () => set((count) => count + 1);
    return { phase: "known" };
  },
}));

afterEach(() => {
  cleanup();
  challengeStore.clear();
});

it("goes on to where the person was heading, also when it is drawn again while that page loads", async () => {
  challengeStore.set({ challenge_id: "c", expires_at: "", resend_after: "", email: "ada@example.com", kind: "login", next: "/wanted" });
  let loaded: (module: { Component: () => string }) => void = () => undefined;
  const router = createMemoryRouter(
    [
      { element: <GuestOnly />, children: [{ path: "/verify", element: "the code" }] },
      { path: "/wanted", lazy: () => new Promise((resolve) => (loaded = resolve)) },
      { path: "/", element: "overview" },
    ],
    { initialEntries: ["/verify"] },
  );
  render(<RouterProvider router={router} />);
  // The log-in is over and forgets its challenge; then something else arrives, such as what the server can do.
  challengeStore.clear();
  await act(async () => renderAgain());
  await act(async () => loaded({ Component: () => "the wanted page" }));
  expect(await screen.findByText("the wanted page")).toBeTruthy();
  expect(router.state.location.pathname).toBe("/wanted");
});
