import { serverPaths } from "@/api/generated/paths";

const has = (path: string): boolean => serverPaths.includes(path);

/**
 * What the server can do, as its own description says. A part of the dashboard whose server side is not there yet is
 * written behind its word here, and appears when that description names its path.
 */
export const features = {
  apiKeys: has("/api-keys"),
  auditLog: has("/audit-log"),
  bulk: has("/bulk-operations"),
  links: has("/hooks"),
  executors: ["simulated", "http", "worker", ...(has("/heartbeats") ? ["heartbeat"] : [])] as readonly string[],
} as const;
