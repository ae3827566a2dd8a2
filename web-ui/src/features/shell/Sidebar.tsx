import { BookOpen, ExternalLink, Mailbox, Plus, Search, type LucideIcon } from "lucide-react";
import { Link, NavLink } from "react-router";
import { Brand } from "@/components/Brand";
import { Button } from "@/components/ui/button";
import { useAuth } from "@/features/auth/AuthProvider";
import { cn } from "@/lib/cn";
import { strings } from "@/lib/strings";
import { LiveBadge } from "./LiveBadge";
import { ADMIN, DEVELOP, WORK } from "./places";
import { UserMenu } from "./UserMenu";

const t = strings.shell;

interface Entry {
  label: string;
  icon: LucideIcon;
  to: string;
  end?: boolean;
  /** Outside the dashboard. */
  external?: boolean;
}

const itemClass =
  "group flex h-8 items-center gap-2.5 rounded-lg px-2.5 text-sm font-medium text-ink-2 transition-colors hover:bg-surface-3 hover:text-ink [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-ink-3";

function NavEntry({ entry, onNavigate }: { entry: Entry; onNavigate?: () => void }) {
  const Icon = entry.icon;
  if (entry.external) {
    return (
      <a href={entry.to} target="_blank" rel="noreferrer" className={itemClass}>
        <Icon aria-hidden />
        {entry.label}
        <ExternalLink className="ml-auto !size-3.5 opacity-0 transition-opacity group-hover:opacity-100" aria-hidden />
        <span className="sr-only">{t.opensNewTab}</span>
      </a>
    );
  }
  return (
    <NavLink
      to={entry.to}
      end={entry.end}
      onClick={onNavigate}
      className={({ isActive }) => cn(itemClass, isActive && "bg-surface text-ink shadow-1 ring-1 ring-line hover:bg-surface dark:bg-surface-3 dark:ring-transparent [&_svg]:text-accent-text")}
    >
      <Icon aria-hidden />
      {entry.label}
    </NavLink>
  );
}

function NavGroup({ label, entries, onNavigate }: { label: string; entries: Entry[]; onNavigate?: () => void }) {
  if (entries.length === 0) return null;
  return (
    <div>
      <p className="px-2.5 pb-1.5 text-xs font-medium text-ink-3">{label}</p>
      <ul className="flex flex-col gap-0.5">
        {entries.map((entry) => (
          <li key={entry.to}>
            <NavEntry entry={entry} onNavigate={onNavigate} />
          </li>
        ))}
      </ul>
    </div>
  );
}

export function SidebarContent({ onNavigate, onSearch }: { onNavigate?: () => void; onSearch?: () => void }) {
  const { user, meta } = useAuth();
  const admin: Entry[] = user?.role === "admin" ? ADMIN : [];
  const develop: Entry[] = [
    ...DEVELOP,
    ...(meta?.dev_mailbox ? [{ label: t.mailbox, icon: Mailbox, to: "/mailbox" }] : []),
    { label: t.docs, icon: BookOpen, to: "/docs", external: true },
  ];
  return (
    <div className="flex h-full flex-col gap-5 px-3 pb-3 pt-4">
      <div className="flex h-8 items-center justify-between pl-1.5 pr-1">
        <Link to="/" onClick={onNavigate} className="rounded-md">
          <Brand />
        </Link>
      </div>
      <div className="flex flex-col gap-1.5">
        {onSearch ? (
          <button type="button" onClick={onSearch} className="flex h-8 items-center gap-2 rounded-lg border border-line bg-surface px-2.5 text-sm text-ink-3 transition-colors hover:border-line-strong hover:text-ink-2">
            <Search className="size-4" aria-hidden />
            {t.search}
            <kbd className="ml-auto rounded border border-line px-1 text-2xs max-lg:hidden" aria-hidden>
              Ctrl K
            </kbd>
          </button>
        ) : null}
        <Button asChild size="sm" className="w-full">
          <Link to="/jobs/new" onClick={onNavigate}>
            <Plus aria-hidden />
            {t.newJob}
          </Link>
        </Button>
      </div>
      <nav aria-label={t.mainNav} className="flex min-h-0 flex-1 flex-col gap-5 overflow-y-auto">
        <NavGroup label={t.groupWork} entries={WORK} onNavigate={onNavigate} />
        <NavGroup label={t.groupAdmin} entries={admin} onNavigate={onNavigate} />
        <NavGroup label={t.groupDevelop} entries={develop} onNavigate={onNavigate} />
      </nav>
      <div className="flex flex-col gap-2">
        <LiveBadge className="px-2.5" />
        <UserMenu onNavigate={onNavigate} />
      </div>
    </div>
  );
}
