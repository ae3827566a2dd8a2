import { KeyRound } from "lucide-react";
import { Link } from "react-router";
import { updateMe } from "@/api/auth";
import type { User } from "@/api/types";
import { CopyValue } from "@/components/Code";
import { useFeedback } from "@/components/Feedback";
import { DescriptionList, PageBody } from "@/components/Page";
import { ProblemAlert } from "@/components/ProblemAlert";
import { StatusBadge } from "@/components/StatusBadge";
import { TimeFull } from "@/components/Time";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { Input, Select } from "@/components/ui/input";
import { useAuth } from "@/features/auth/AuthProvider";
import { useForm } from "@/hooks/useForm";
import { useTitle } from "@/hooks/useTitle";
import { shortId } from "@/lib/format";
import { strings } from "@/lib/strings";
import { AccountHeader } from "./AccountTabs";
import { Appearance } from "./Appearance";

const t = strings.account;
const FIELDS = ["full_name", "phone", "time_zone"] as const;
const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const zones = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

export function Component() {
  useTitle(t.title);
  const { user } = useAuth();
  if (!user) return null;
  return (
    <PageBody>
      <AccountHeader />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Profile user={user} />
          <Appearance />
          <Card>
            <CardHeader
              title={t.password}
              description={t.passwordText}
              actions={
                <Button asChild>
                  <Link to="/forgot" state={{ email: user.email }}>
                    <KeyRound aria-hidden />
                    {t.changePassword}
                  </Link>
                </Button>
              }
              className="pb-4"
            />
          </Card>
        </div>
        <Facts user={user} />
      </div>
    </PageBody>
  );
}

function Profile({ user }: { user: User }) {
  const { setUser } = useAuth();
  const { toast } = useFeedback();
  const form = useForm({
    initial: { full_name: user.full_name, phone: user.phone ?? "", time_zone: user.time_zone ?? "" },
    fields: FIELDS,
    validate: ({ full_name }) => ({ full_name: full_name.trim() ? undefined : strings.common.required }),
    submit: async (values) => {
      const changes: Parameters<typeof updateMe>[0] = {};
      if (values.full_name.trim() !== user.full_name) changes.full_name = values.full_name.trim();
      if (values.phone.trim() !== (user.phone ?? "")) changes.phone = values.phone.replace(/[\s()-]/g, "") || null;
      if (values.time_zone !== (user.time_zone ?? "")) changes.time_zone = values.time_zone;
      if (Object.keys(changes).length > 0) setUser(await updateMe(changes));
      toast({ tone: "ok", title: strings.common.saved });
    },
  });
  const { values, set, errors } = form;
  return (
    <Card>
      <CardHeader title={t.profile} description={t.profileText} />
      <CardBody>
        <form ref={form.form} noValidate onSubmit={(event) => void form.onSubmit(event)} className="flex flex-col gap-4">
          <ProblemAlert problem={form.problem} rest={form.rest} />
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={strings.auth.fullName} error={errors.full_name}>
              {(control) => <Input {...control} autoComplete="name" value={values.full_name} onChange={(event) => set("full_name", event.target.value)} />}
            </Field>
            <Field label={strings.auth.email} hint={t.emailHint}>
              {(control) => <Input {...control} type="email" value={user.email} readOnly className="bg-surface-2 text-ink-2" />}
            </Field>
            <Field label={strings.auth.phone} optional error={errors.phone} hint={strings.auth.phoneHint}>
              {(control) => <Input {...control} type="tel" autoComplete="tel" value={values.phone} onChange={(event) => set("phone", event.target.value)} />}
            </Field>
            <Field
              label={t.timeZone}
              error={errors.time_zone}
              hint={t.timeZoneHint}
              aside={
                values.time_zone && values.time_zone !== browserZone ? (
                  <Button variant="link" size="inline" className="text-sm" onClick={() => set("time_zone", browserZone)}>
                    {t.useBrowserZone(browserZone.replaceAll("_", " "))}
                  </Button>
                ) : null
              }
            >
              {(control) => (
                <Select {...control} value={values.time_zone} onChange={(event) => set("time_zone", event.target.value)}>
                  {values.time_zone ? null : <option value="">{t.browserZone(browserZone)}</option>}
                  {[...new Set([...zones, browserZone, values.time_zone])].filter(Boolean).map((zone) => (
                    <option key={zone} value={zone}>
                      {zone.replaceAll("_", " ")}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          </div>
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


function Facts({ user }: { user: User }) {
  return (
    <Card>
      <CardHeader title={t.facts} />
      <CardBody>
        <DescriptionList
          items={[
            { term: t.role, value: <span className="capitalize">{user.role}</span> },
            { term: t.status, value: <StatusBadge status={user.status} /> },
            { term: t.lastLogin, value: <TimeFull at={user.last_login} /> },
            { term: t.memberSince, value: <TimeFull at={user.created_at} /> },
            { term: t.id, value: <CopyValue text={user.user_id} shown={shortId(user.user_id)} label={t.id} /> },
          ]}
        />
      </CardBody>
    </Card>
  );
}
