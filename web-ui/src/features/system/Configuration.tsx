import { Lock, Search } from "lucide-react";
import { useId, useMemo, useState } from "react";
import { getConfiguration } from "@/api/system";
import type { Setting } from "@/api/types";
import { ErrorState, LoadingRows } from "@/components/States";
import { Badge } from "@/components/ui/badge";
import { Card, CardHeader } from "@/components/ui/card";
import { Input } from "@/components/ui/input";
import { Checkbox } from "@/components/ui/toggle";
import { useResource } from "@/hooks/useResource";
import { strings } from "@/lib/strings";
import { findSettings, wasSet } from "./settings";

const t = strings.system;

/** Every key with its value and where that came from. */
export function Configuration() {
  const { data, error, reload } = useResource("configuration", getConfiguration);
  const [search, setSearch] = useState("");
  const [onlySet, setOnlySet] = useState(false);
  const shown = useMemo(() => findSettings(data ?? [], search, onlySet), [data, search, onlySet]);
  const id = useId();
  return (
    <Card className="overflow-hidden" data-configuration>
      <CardHeader
        title={t.configuration}
        description={data ? t.configurationText(data.filter(wasSet).length, data.length) : undefined}
        actions={
          data ? (
            <>
              <label htmlFor={id} className="mr-2 flex items-center gap-2 text-sm text-ink-2">
                <Checkbox id={id} checked={onlySet} onCheckedChange={(on) => setOnlySet(on === true)} />
                {t.onlySet}
              </label>
              <div className="relative w-full sm:w-56">
                <Search className="pointer-events-none absolute left-2.5 top-2 size-4 text-ink-3" aria-hidden />
                <Input type="search" aria-label={t.search} placeholder={t.search} value={search} onChange={(event) => setSearch(event.target.value)} className="h-8 pl-8" />
              </div>
            </>
          ) : null
        }
      />
      {error && !data ? (
        <ErrorState problem={error} onRetry={reload} />
      ) : !data ? (
        <LoadingRows rows={8} />
      ) : shown.length === 0 ? (
        <p className="border-t border-line px-5 py-6 text-sm text-ink-2">{t.noMatch}</p>
      ) : (
        <ul aria-label={t.list}>
          {shown.map((setting) => (
            <Row key={setting.key} setting={setting} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Row({ setting }: { setting: Setting }) {
  return (
    <li className="grid gap-x-6 gap-y-1.5 border-t border-line px-4 py-3 text-sm sm:px-5 md:grid-cols-[minmax(0,5fr)_minmax(0,4fr)_minmax(0,3fr)]" data-setting={setting.key}>
      <div className="min-w-0">
        <code className="break-words text-xs font-medium text-ink" title={setting.variable}>
          {setting.key}
        </code>
        <p className="mt-0.5 text-xs text-ink-3">{setting.description}</p>
      </div>
      <p className="min-w-0 break-words">
        {setting.value === null ? (
          <span className="text-xs text-ink-3">{setting.otherwise}</span>
        ) : setting.value === "" ? (
          <span className="text-xs text-ink-3">{t.empty}</span>
        ) : (
          <code className="text-xs text-ink">{setting.value}</code>
        )}
        {setting.secret && setting.value ? <Lock className="ml-1.5 inline size-3 align-[-1px] text-ink-3" role="img" aria-label={t.masked} /> : null}
      </p>
      <p className="min-w-0">
        <Badge tone={wasSet(setting) ? "accent" : "off"}>{t.sources[setting.source] ?? setting.source}</Badge>
        {setting.place ? <code className="mt-1 block break-all text-2xs text-ink-3">{setting.place}</code> : null}
      </p>
    </li>
  );
}
