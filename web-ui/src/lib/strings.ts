import { accountStrings } from "@/features/account/strings";
import { auditStrings } from "@/features/audit/strings";
import { authStrings } from "@/features/auth/strings";
import { engineStrings } from "@/features/engine/strings";
import { bulkStrings } from "@/features/bulk/strings";
import { errorStrings } from "@/features/errors/strings";
import { keyStrings } from "@/features/keys/strings";
import { jobStrings } from "@/features/jobs/strings";
import { calendarStrings } from "@/features/calendar/strings";
import { mailboxStrings } from "@/features/mailbox/strings";
import { noticeStrings } from "@/features/notices/strings";
import { overviewStrings } from "@/features/overview/strings";
import { queueStrings } from "@/features/queues/strings";
import { runStrings } from "@/features/runs/strings";
import { scheduleStrings } from "@/features/schedules/strings";
import { shellStrings } from "@/features/shell/strings";
import { systemStrings } from "@/features/system/strings";
import { userStrings } from "@/features/users/strings";
import { webhookStrings } from "@/features/webhooks/strings";

const common = {
  product: "Job Scheduler",
  loading: "Loading",
  loadMore: "Load more",
  loadMoreFailed: "The next page could not be loaded.",
  copied: "Copied",
  copyFailed: "Copying failed",
  /** An abbreviation stays one: "Copy API key". */
  copyThis: (what: string) => `Copy ${/^[A-Z]{2}/.test(what) ? what : what.toLowerCase()}`,
  copyRequestId: "Copy request id",
  copyTime: "Copy this time",
  requestId: "Request",
  dismiss: "Dismiss",
  keep: "Keep it",
  cancel: "Cancel",
  close: "Close",
  save: "Save changes",
  saved: "Changes saved",
  delete: "Delete",
  edit: "Edit",
  notifications: "Notifications",
  breadcrumb: "Breadcrumb",
  none: "None",
  due: "due now",
  inTime: (time: string) => `in ${time}`,
  optional: "optional",
  required: "Please fill this in.",
  actions: "Actions",
} as const;

/** Every word the dashboard says, gathered from the features' own pieces. */
export const strings = {
  common,
  shell: shellStrings,
  auth: authStrings,
  engine: engineStrings,
  errors: errorStrings,
  overview: overviewStrings,
  bulk: bulkStrings,
  jobs: jobStrings,
  runs: runStrings,
  queues: queueStrings,
  schedules: scheduleStrings,
  webhooks: webhookStrings,
  keys: keyStrings,
  audit: auditStrings,
  notices: noticeStrings,
  account: accountStrings,
  system: systemStrings,
  users: userStrings,
  calendar: calendarStrings,
  mailbox: mailboxStrings,
} as const;
