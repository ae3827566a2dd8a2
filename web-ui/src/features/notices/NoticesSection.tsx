import { Link } from "react-router";
import { Segmented } from "@/components/ui/segmented";
import { Section, type SectionProps } from "@/features/jobs/FormSections";
import { strings } from "@/lib/strings";
import { NoticeSwitches } from "./NoticeSwitches";

const t = strings.notices;

/** In the form of a job: what its owner is told about it. */
export function NoticesSection({ values, set, errors }: SectionProps) {
  return (
    <Section title={t.title} text={t.jobText}>
      <Segmented<"account" | "own">
        label={t.whose}
        value={values.own_notices ? "own" : "account"}
        onChange={(whose) => set("own_notices", whose === "own")}
        options={(["account", "own"] as const).map((value) => ({ value, label: t.choices[value] }))}
        className="w-full sm:w-fit"
      />
      {values.own_notices ? (
        <NoticeSwitches values={values.notices} onChange={(notices) => set("notices", notices)} error={errors["notices.remind_hours"]} />
      ) : (
        <p className="text-sm text-ink-3">
          {t.accountHolds}{" "}
          <Link to="/account/notices" className="rounded-sm font-medium text-accent-text underline-offset-4 hover:underline">
            {t.accountLink}
          </Link>
        </p>
      )}
    </Section>
  );
}
