// Copies the pictures that the README shows from artifacts/ (made by `npm test`) to docs/images/.
import { copyFile, mkdir, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const BEST = {
  "overview-busy-light.png": "overview.png",
  "job-live-light.png": "job-running.png",
  "run-log-viewport.png": "run-log.png",
  "schedule-builder-desk.png": "schedule.png",
  "jobs-busy-dark.png": "jobs-dark.png",
  "delivery-light.png": "webhook-delivery.png",
  "jobs-busy-phone.png": "phone.png",
};
const LIMIT = 200 * 1024;
const from = fileURLToPath(new URL("../artifacts/", import.meta.url));
const to = fileURLToPath(new URL("../../../docs/images/", import.meta.url));

await mkdir(to, { recursive: true });
for (const [source, target] of Object.entries(BEST)) {
  const { size } = await stat(from + source);
  if (size >= LIMIT) throw new Error(`${source} is ${size} bytes; a picture in the repository stays below ${LIMIT}`);
  await copyFile(from + source, to + target);
  console.log(`docs/images/${target}  ${(size / 1024).toFixed(0)} KiB`);
}
