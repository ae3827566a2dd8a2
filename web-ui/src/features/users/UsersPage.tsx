import { SearchX } from "lucide-react";
import { useCallback } from "react";
import { useSearchParams } from "react-router";
import { listUsers, updateUser } from "@/api/auth";
import type { User } from "@/api/types";
import { useFeedback } from "@/components/Feedback";
import { LoadMore, PageBody, PageHeader } from "@/components/Page";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { StatusBadge } from "@/components/StatusBadge";
import { TimeAgo } from "@/components/Time";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Select } from "@/components/ui/input";
import { useAuth } from "@/features/auth/AuthProvider";
import { ForbiddenPage } from "@/features/errors/pages";
import { initials } from "@/features/shell/UserMenu";
import { usePages } from "@/hooks/usePages";
import { useTitle } from "@/hooks/useTitle";
import { strings } from "@/lib/strings";
import { UserSearch } from "./UserSearch";

const t = strings.users;
const idOf = (user: User) => user.user_id;

export function Component() {
  const { user } = useAuth();
  return user?.role === "admin" ? <Users me={user} /> : <ForbiddenPage />;
}

function Users({ me }: { me: User }) {
  useTitle(t.title);
  const [params, setParams] = useSearchParams();
  const q = params.get("q")?.trim() ?? "";
  const load = useCallback((cursor: string | null, signal?: AbortSignal) => listUsers(q, cursor, signal), [q]);
  const list = usePages(`users?${q}`, load, idOf);
  const { toast, failed, confirm } = useFeedback();
  const { items, error } = list;

  const change = async (user: User, changes: Parameters<typeof updateUser>[1]) => {
    try {
      const next = await updateUser(user.user_id, changes);
      list.mutate((known) => known.map((other) => (idOf(other) === idOf(next) ? next : other)));
      toast({ tone: "ok", title: t.changed(next.full_name) });
    } catch (problem) {
      failed(t.failed, problem);
    }
  };
  const setRole = async (user: User, role: User["role"]) => {
    const description = role === "admin" ? t.confirmAdminText(user.full_name) : t.confirmCustomerText(user.full_name);
    if (await confirm({ title: t.confirmRole, description, confirmLabel: t.changeRole })) await change(user, { role });
  };
  const setActive = async (user: User, active: boolean) => {
    const yes = active || (await confirm({ title: t.confirmDeactivate, description: t.confirmDeactivateText(user.full_name), confirmLabel: t.deactivate, danger: true }));
    if (yes) await change(user, { status: active ? "Active" : "Deactivated" });
  };

  return (
    <PageBody>
      <PageHeader title={t.title} description={t.text} actions={<UserSearch q={q} onSearch={(text) => setParams(text ? { q: text } : {}, { replace: true })} />} />
      <Card className="overflow-hidden">
        {error && !items ? (
          <ErrorState problem={error} onRetry={list.reload} />
        ) : !items ? (
          <LoadingRows />
        ) : items.length === 0 ? (
          <Message icon={SearchX} title={t.noMatch} />
        ) : (
          <ul aria-label={t.list}>
            {items.map((user) => (
              <Row key={user.user_id} user={user} me={me} onRole={(role) => void setRole(user, role)} onActive={(active) => void setActive(user, active)} />
            ))}
          </ul>
        )}
        <LoadMore hasMore={list.hasMore} busy={list.loadingMore} failed={list.moreError !== null} onClick={list.loadMore} />
      </Card>
    </PageBody>
  );
}

interface RowProps {
  user: User;
  me: User;
  onRole: (role: User["role"]) => void;
  onActive: (active: boolean) => void;
}

function Row({ user, me, onRole, onActive }: RowProps) {
  const self = user.user_id === me.user_id;
  const active = user.status !== "Deactivated";
  return (
    <li data-user={user.user_id} className="flex flex-wrap items-center gap-x-5 gap-y-3 border-b border-line px-4 py-3.5 last:border-b-0 sm:px-5">
      <div className="flex min-w-0 flex-1 basis-60 items-center gap-3">
        <span className="grid size-9 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent-text" aria-hidden>
          {initials(user.full_name)}
        </span>
        <div className="min-w-0">
          <p className="flex items-center gap-2 text-sm font-medium text-ink">
            <span className="truncate">{user.full_name}</span>
            {self ? <Badge tone="accent">{t.you}</Badge> : null}
          </p>
          <p className="truncate text-xs text-ink-3">{user.email}</p>
        </div>
      </div>
      <div className="w-28">
        <StatusBadge status={user.status} />
      </div>
      <p className="hidden w-44 text-xs text-ink-3 lg:block">
        {t.columns.lastLogin}: {user.last_login ? <TimeAgo at={user.last_login} /> : t.never}
      </p>
      {self ? (
        <p className="flex-1 text-sm text-ink-2 sm:w-[17rem] sm:flex-none">{t.roles[user.role]}</p>
      ) : (
        <div className="flex flex-1 items-center gap-2 sm:w-[17rem] sm:flex-none">
          <Select aria-label={t.roleOf(user.full_name)} value={user.role} className="w-40" onChange={(event) => onRole(event.target.value as User["role"])}>
            <option value="customer">{t.roles.customer}</option>
            <option value="admin">{t.roles.admin}</option>
          </Select>
          <Button
            size="sm"
            variant={active ? "dangerGhost" : "secondary"}
            className="ml-auto"
            aria-label={active ? t.deactivateOne(user.full_name) : t.activateOne(user.full_name)}
            onClick={() => onActive(!active)}
          >
            {active ? t.deactivate : t.activate}
          </Button>
        </div>
      )}
    </li>
  );
}
