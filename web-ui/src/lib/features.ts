/**
 * What the server can do already. A part of the dashboard whose server side comes with a later issue is
 * written behind its word here, and appears when the word becomes true.
 */
export const features = {
  jobPause: true,
  runRetry: true,
  webhookReplay: true,
  executors: ["simulated", "http", "worker"] as readonly string[],
} as const;
