import { BellRing } from "lucide-react";
import { Link } from "react-router";
import { changeNoticeDefaults, getNoticeDefaults, listNotices } from "@/api/notices";
import type { NoticeEntry, NoticePolicy } from "@/api/types";
import { useFeedback } from "@/components/Feedback";
import { LoadMore, PageBody } from "@/components/Page";
import { ProblemAlert } from "@/components/ProblemAlert";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { TimeAgo } from "@/components/Time";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { AccountHeader } from "@/features/account/AccountTabs";
import { useAuth } from "@/features/auth/AuthProvider";
import { useForm } from "@/hooks/useForm";
import { usePages } from "@/hooks/usePages";
import { useResource } from "@/hooks/useResource";
import { useTitle } from "@/hooks/useTitle";
import { strings } from "@/lib/strings";
import { NoticeSwitches } from "./NoticeSwitches";
import { kindWord, noticeValuesFrom, policyFrom, remindRule } from "./policy";

const t = strings.notices;
const FIELDS = ["remind_hours"] as const;
const idOf = (notice: NoticeEntry) => notice.notice_id;

/** What the person is told about all of their jobs, and what was told lately. */
export function Component() {
  useTitle(t.title);
  const defaults = useResource("notices/defaults", getNoticeDefaults);
  return (
    <PageBody>
      <AccountHeader />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        {defaults.data ? (
          <Defaults policy={defaults.data} onSaved={(policy) => defaults.mutate(() => policy)} />
        ) : (
          <Card>{defaults.error ? <ErrorState problem={defaults.error} onRetry={defaults.reload} /> : <LoadingRows rows={5} />}</Card>
        )}
        <Recent />
      </div>
    </PageBody>
  );
}

function Defaults({ policy, onSaved }: { policy: NoticePolicy; onSaved: (policy: NoticePolicy) => void }) {
  const { user } = useAuth();
  const { toast } = useFeedback();
  const form = useForm({
    initial: { notices: noticeValuesFrom(policy) },
    fields: FIELDS,
    validate: ({ notices }) => ({ remind_hours: remindRule(notices.remind_hours) }),
    submit: async ({ notices }) => {
      onSaved(await changeNoticeDefaults(policyFrom(notices)));
      toast({ tone: "ok", title: t.saved });
    },
  });
  return (
    <Card>
      <CardHeader title={t.title} description={`${t.text} ${user ? t.to(user.email) : ""}`} />
      <CardBody>
        <form ref={form.form} noValidate onSubmit={(event) => void form.onSubmit(event)} className="flex flex-col gap-4">
          <ProblemAlert problem={form.problem} rest={form.rest} />
          <NoticeSwitches values={form.values.notices} onChange={(values) => form.set("notices", values)} error={form.errors.remind_hours} />
          <div className="flex justify-end">
            <Button type="submit" variant="primary" busy={form.busy}>
              {strings.common.save}
            </Button>
          </div>
        </form>
      </CardBody>
    </Card>
  );
}

function Recent() {
  const list = usePages("notices", listNotices, idOf);
  const { items, error } = list;
  return (
    <Card className="overflow-hidden">
      <CardHeader title={t.recent} description={t.recentText} />
      {error && !items ? (
        <ErrorState problem={error} onRetry={list.reload} />
      ) : !items ? (
        <LoadingRows rows={3} />
      ) : items.length === 0 ? (
        <Message icon={BellRing} title={t.empty} className="py-8">
          {t.emptyText}
        </Message>
      ) : (
        <ul aria-label={t.recent}>
          {items.map((notice) => (
            <Row key={notice.notice_id} notice={notice} />
          ))}
        </ul>
      )}
      <LoadMore hasMore={list.hasMore} busy={list.loadingMore} failed={list.moreError !== null} onClick={list.loadMore} />
    </Card>
  );
}

function Row({ notice }: { notice: NoticeEntry }) {
  const to = notice.run_id ? `/runs/${notice.run_id}` : `/jobs/${notice.job_id}`;
  return (
    <li className="flex flex-col gap-0.5 border-t border-line px-4 py-3 text-sm sm:px-5">
      <p className="flex flex-wrap items-baseline justify-between gap-x-3">
        <Link to={to} className="min-w-0 break-words rounded-sm font-medium text-ink underline-offset-4 hover:underline">
          {notice.job_name}
        </Link>
        <TimeAgo at={notice.created_at} className="text-xs text-ink-3" />
      </p>
      <p className="break-words text-xs text-ink-3">
        {kindWord(notice.kind)} · {t.states[notice.status] ?? notice.status}
        {notice.error ? `: ${notice.error}` : ""}
      </p>
    </li>
  );
}
