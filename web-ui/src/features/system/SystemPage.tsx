import { PageBody, PageHeader } from "@/components/Page";
import { useAuth } from "@/features/auth/AuthProvider";
import { ForbiddenPage } from "@/features/errors/pages";
import { useTitle } from "@/hooks/useTitle";
import { strings } from "@/lib/strings";
import { Configuration } from "./Configuration";
import { MailTest } from "./MailTest";

const t = strings.system;

export function Component() {
  const { user } = useAuth();
  return user?.role === "admin" ? <System /> : <ForbiddenPage />;
}

function System() {
  useTitle(t.title);
  return (
    <PageBody className="flex flex-col gap-4">
      <div className="-mb-4">
        <PageHeader title={t.title} description={t.text} />
      </div>
      <MailTest />
      <Configuration />
    </PageBody>
  );
}
