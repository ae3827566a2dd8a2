import { Monitor, Moon, Sun } from "lucide-react";
import type { ReactNode } from "react";
import { Card, CardHeader } from "@/components/ui/card";
import { Segmented } from "@/components/ui/segmented";
import { useAuth } from "@/features/auth/AuthProvider";
import { useNow } from "@/hooks/useNow";
import { useTheme, type ThemeChoice } from "@/hooks/useTheme";
import { formatInstant } from "@/lib/format";
import { timePrefs, type TimePrefs } from "@/lib/timePrefs";
import { strings } from "@/lib/strings";

const t = strings.account;
const icons = { system: Monitor, light: Sun, dark: Moon };

function Choice({ title, text, children }: { title: string; text: ReactNode; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-t border-line px-4 py-3 sm:px-5">
      <div className="min-w-0">
        <h3 className="text-sm font-medium text-ink">{title}</h3>
        <p className="text-xs text-ink-3">{text}</p>
      </div>
      {children}
    </div>
  );
}

/** How things look in this browser: colours, clock, times, zone. */
export function Appearance() {
  const { choice, setChoice } = useTheme();
  const { times, zone, ownZone } = useAuth();
  const now = useNow(1000);
  return (
    <Card>
      <CardHeader title={t.appearance} description={t.appearanceText} />
      <Choice title={strings.shell.theme} text={t.themeText}>
        <Segmented<ThemeChoice>
          label={strings.shell.theme}
          value={choice}
          onChange={setChoice}
          options={(["system", "light", "dark"] as const).map((value) => {
            const Icon = icons[value];
            return {
              value,
              label: (
                <>
                  <Icon aria-hidden />
                  {strings.shell.themes[value]}
                </>
              ),
            };
          })}
        />
      </Choice>
      <Choice title={t.clock} text={<span className="tnum">{t.clockText(formatInstant(new Date(now).toISOString(), zone, "hour"))}</span>}>
        <Segmented<TimePrefs["clock"]> label={t.clock} value={times.clock} onChange={(clock) => timePrefs.set({ clock })} options={(["24", "12"] as const).map((value) => ({ value, label: t.clocks[value] }))} />
      </Choice>
      <Choice title={t.timeStyle} text={t.timeStyleText}>
        <Segmented<TimePrefs["style"]> label={t.timeStyle} value={times.style} onChange={(style) => timePrefs.set({ style })} options={(["relative", "exact"] as const).map((value) => ({ value, label: strings.shell.timeStyles[value] }))} />
      </Choice>
      {ownZone === "UTC" ? null : (
        <Choice title={t.shownZone} text={t.shownZoneText}>
          <Segmented<TimePrefs["zone"]>
            label={t.shownZone}
            value={times.zone}
            onChange={(next) => timePrefs.set({ zone: next })}
            options={[
              { value: "own", label: ownZone.replaceAll("_", " ") },
              { value: "utc", label: t.utc },
            ]}
          />
        </Choice>
      )}
    </Card>
  );
}
