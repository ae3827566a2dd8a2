import { BadgeCheck, Ban, Briefcase, HeartPulse, KeyRound, Layers, LogIn, ShieldAlert, UserRound, Webhook, type LucideIcon } from "lucide-react";
import { Link } from "react-router";
import type { AuditEntry } from "@/api/types";
import { CopyValue } from "@/components/Code";
import { TimeFull } from "@/components/Time";
import { cn } from "@/lib/cn";
import { describeAgent, shortId } from "@/lib/format";
import { strings } from "@/lib/strings";

const t = strings.audit;

const icons: Record<string, LucideIcon> = { login: LogIn, otp: ShieldAlert, password: ShieldAlert, session: LogIn, api_key: KeyRound, job: Briefcase, run: Ban, webhook: Webhook, inbound: Webhook, heartbeat: HeartPulse, badge: BadgeCheck, bulk_operation: Layers, user: UserRound };
const alarming = (action: string): boolean => action.endsWith(".failed");

const pages: Partial<Record<string, string>> = { job: "/jobs", run: "/runs", webhook: "/webhooks" };
const placeOf = ({ type, id }: NonNullable<AuditEntry["target"]>): string | null => (pages[type] ? `${pages[type]}/${id}` : null);
const shown = (value: unknown): string => (value === null || value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value));

/** One thing that was done: what, to what, by whom, from where; what changed behind a fold. */
export function AuditRow({ entry }: { entry: AuditEntry }) {
  const Icon = icons[entry.action.split(".")[0] ?? ""] ?? UserRound;
  const { target, actor, changes } = entry;
  const gone = entry.action.endsWith(".deleted");
  const place = target && !gone ? placeOf(target) : null;
  const name = target?.name ?? (target && place ? shortId(target.id) : null);
  return (
    <li className="flex gap-3.5 border-b border-line px-4 py-3 text-sm last:border-b-0 sm:px-5" data-audit={entry.action}>
      <span className={cn("mt-0.5 grid size-7 shrink-0 place-items-center rounded-lg border [&_svg]:size-3.5", alarming(entry.action) ? "border-danger-line bg-danger-soft text-danger-text" : "border-line bg-surface-2 text-ink-3")}>
        <Icon aria-hidden />
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className={cn("font-medium", alarming(entry.action) ? "text-danger-text" : "text-ink")}>{t.actions[entry.action] ?? entry.action}</span>
          {name && place ? (
            <Link to={place} className="min-w-0 truncate text-accent-text underline-offset-4 hover:underline">
              {name}
            </Link>
          ) : name ? (
            <span className="min-w-0 truncate text-ink-2">{name}</span>
          ) : null}
          <span className="ml-auto text-right max-sm:ml-0 max-sm:basis-full max-sm:text-left">
            <TimeFull inline at={entry.at} />
          </span>
        </p>
        <p className="mt-0.5 break-words text-xs text-ink-3">
          {t.by[actor.type] ?? actor.type}
          {actor.api_key_id ? (
            <>
              {" "}
              <Link to={`?actor_id=${actor.api_key_id}`} className="font-mono hover:text-accent-text">
                {shortId(actor.api_key_id)}
              </Link>
            </>
          ) : null}
          {entry.user_agent ? ` ${t.in(describeAgent(entry.user_agent))}` : null}
          {entry.ip ? `, ${t.from} ${entry.ip}` : null}
          {entry.bulk_operation_id ? (
            <>
              {", "}
              <Link to={`?target_id=${entry.bulk_operation_id}`} className="hover:text-accent-text">
                {t.byBulk}
              </Link>
            </>
          ) : null}
          {entry.request_id ? (
            <span className="ml-1.5 inline-flex items-center gap-1 align-bottom max-sm:hidden">
              · {t.request} <CopyValue text={entry.request_id} shown={shortId(entry.request_id)} label={strings.common.requestId} />
            </span>
          ) : null}
        </p>
        {changes.length > 0 ? (
          <details className="mt-1.5">
            <summary className="w-fit rounded-sm text-xs font-medium text-ink-2 hover:text-ink">{t.changes(changes.length)}</summary>
            <Changes entry={entry} />
          </details>
        ) : null}
      </div>
    </li>
  );
}

function Changes({ entry }: { entry: AuditEntry }) {
  return (
    <div className="mt-2 overflow-x-auto rounded-lg border border-line" role="region" aria-label={t.changes(entry.changes.length)} tabIndex={0}>
      <table className="w-full border-collapse text-xs">
        <thead>
          <tr className="bg-surface-2 text-left text-ink-3">
            {[t.field, t.before, t.after].map((head) => (
              <th key={head} scope="col" className="px-3 py-1.5 font-medium">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {entry.changes.map(({ field, before, after }) => (
            <tr key={field} className="border-t border-line align-top">
              <th scope="row" className="px-3 py-1.5 text-left font-mono font-normal text-ink-2">
                {field}
              </th>
              <td className="max-w-40 break-all px-3 py-1.5 font-mono sm:max-w-64 text-ink-3 line-through decoration-line-strong">{shown(before)}</td>
              <td className="max-w-40 break-all px-3 py-1.5 font-mono sm:max-w-64 text-ink">{shown(after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
