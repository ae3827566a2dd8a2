import { NavLink } from "react-router";
import { PageHeader } from "@/components/Page";
import { cn } from "@/lib/cn";
import { features } from "@/lib/features";
import { strings } from "@/lib/strings";

const t = strings.account;
const tabs = [
  { to: "/account", label: t.profile },
  { to: "/account/notices", label: strings.notices.title },
  { to: "/account/sessions", label: t.sessions },
  ...(features.auditLog ? [{ to: "/account/activity", label: strings.audit.tab }] : []),
];

export function AccountHeader() {
  return (
    <>
      <PageHeader title={t.title} />
      <nav aria-label={t.title} className="mb-4 flex gap-5 border-b border-line px-0.5">
        {tabs.map((tab) => (
          <NavLink
            key={tab.to}
            to={tab.to}
            end
            className={({ isActive }) =>
              cn("focus-inset -mb-px flex h-10 items-center rounded-t-md border-b-2 border-transparent text-sm font-medium text-ink-3 hover:text-ink", isActive && "border-accent text-ink")
            }
          >
            {tab.label}
          </NavLink>
        ))}
      </nav>
    </>
  );
}
