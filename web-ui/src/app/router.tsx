import { createBrowserRouter } from "react-router";
import { Component as GuestOnly } from "@/features/auth/GuestOnly";
import { CrashPage, NotFoundPage } from "@/features/errors/pages";
import { Component as AppShell } from "@/features/shell/AppShell";
import { Splash } from "@/features/shell/Splash";
import { features } from "@/lib/features";

/** Every view is an address under /app. Pages are loaded when they are first opened. */
export const router = createBrowserRouter(
  [
    {
      ErrorBoundary: CrashPage,
      HydrateFallback: Splash,
      children: [
        {
          Component: GuestOnly,
          children: [
            { path: "login", lazy: () => import("@/features/auth/LogInPage") },
            { path: "signup", lazy: () => import("@/features/auth/SignUpPage") },
            { path: "setup", lazy: () => import("@/features/auth/SetupPage") },
            { path: "verify", lazy: () => import("@/features/auth/VerifyPage") },
          ],
        },
        { path: "forgot", lazy: () => import("@/features/auth/ForgotPage") },
        { path: "reset", lazy: () => import("@/features/auth/ResetPage") },
        // Readable before a log-in: that is where the first code arrives.
        { path: "mailbox", lazy: () => import("@/features/mailbox/MailboxPage") },
        {
          Component: AppShell,
          children: [
            { index: true, lazy: () => import("@/features/overview/OverviewPage") },
            { path: "jobs", lazy: () => import("@/features/jobs/JobsPage") },
            { path: "jobs/new", lazy: () => import("@/features/jobs/NewJobPage") },
            { path: "jobs/import", lazy: () => import("@/features/schedules/ImportPage") },
            { path: "jobs/:jobId", lazy: () => import("@/features/jobs/JobPage") },
            { path: "jobs/:jobId/edit", lazy: () => import("@/features/jobs/EditJobPage") },
            { path: "runs", lazy: () => import("@/features/runs/RunsPage") },
            { path: "runs/:runId", lazy: () => import("@/features/runs/RunPage") },
            { path: "timeline", lazy: () => import("@/features/timeline/TimelinePage") },
            { path: "calendar", lazy: () => import("@/features/calendar/CalendarPage") },
            { path: "queues", lazy: () => import("@/features/queues/QueuesPage") },
            { path: "webhooks", lazy: () => import("@/features/webhooks/WebhooksPage") },
            { path: "webhooks/:webhookId", lazy: () => import("@/features/webhooks/WebhookPage") },
            { path: "account", lazy: () => import("@/features/account/AccountPage") },
            { path: "account/notices", lazy: () => import("@/features/notices/NoticesPage") },
            { path: "account/sessions", lazy: () => import("@/features/account/SessionsPage") },
            ...(features.bulk ? [{ path: "bulk", lazy: () => import("@/features/bulk/BulkPage") }] : []),
            ...(features.apiKeys ? [{ path: "api-keys", lazy: () => import("@/features/keys/KeysPage") }] : []),
            ...(features.auditLog ? [{ path: "account/activity", lazy: () => import("@/features/audit/AuditPage") }] : []),
            { path: "engine", lazy: () => import("@/features/engine/EnginePage") },
            { path: "users", lazy: () => import("@/features/users/UsersPage") },
            { path: "system", lazy: () => import("@/features/system/SystemPage") },
            { path: "*", Component: NotFoundPage },
          ],
        },
      ],
    },
  ],
  { basename: "/app" },
);
